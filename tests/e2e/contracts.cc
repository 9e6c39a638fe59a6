#include "e2e/contracts.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "veille/audit/v1/audit_service.pb.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veille/calls/v1/campaign_service.pb.h"
#include "veille/calls/v1/intake_service.pb.h"
#include "veille/calls/v1/script_service.pb.h"
#include "veille/calls/v1/volunteer_service.pb.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veille/referral/v1/partner_directory_service.pb.h"
#include "veille/referral/v1/referral_service.pb.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::e2e {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  return details;
}

// Waits for the one operation that is under way; whether it went well.
bool Finished(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

}  // namespace

std::vector<Contract> Contracts() {
  const auto of = [](Service service, const google::protobuf::FileDescriptor* file) {
    return Contract{service, file->service(0)};
  };
  return {of(Service::kRegistry, registry::v1::ImportHeader::descriptor()->file()),
          of(Service::kCalls, calls::v1::GetCampaignRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::RecordCallRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::GetScriptRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::EnrolVolunteerRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::RecordHouseholdChangeRequest::descriptor()->file()),
          of(Service::kReferral, referral::v1::GetPartnerRequest::descriptor()->file()),
          of(Service::kReferral, referral::v1::GetReferralRequest::descriptor()->file()),
          of(Service::kReferral, partner::v1::GetMyReferralRequest::descriptor()->file()),
          of(Service::kRegistry, audit::v1::ListAuditEventsRequest::descriptor()->file()),
          of(Service::kCalls, audit::v1::ListAuditEventsRequest::descriptor()->file()),
          of(Service::kReferral, audit::v1::ListAuditEventsRequest::descriptor()->file())};
}

Answer CallByName(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext& context,
                  const google::protobuf::MethodDescriptor& method, const std::string& bytes) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(
      &context, absl::StrCat("/", method.service()->full_name(), "/", method.name()), &queue);
  call->StartCall(nullptr);
  Finished(queue);
  const grpc::Slice slice(bytes);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  Finished(queue);
  Answer answer;
  grpc::ByteBuffer message;
  for (call->Read(&message, nullptr); Finished(queue); call->Read(&message, nullptr)) {
    answer.bytes += TextOf(message);
  }
  call->Finish(&answer.status, nullptr);
  Finished(queue);
  return answer;
}

std::string ReasonOf(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::set<std::string> FieldsOf(const grpc::Status& status) {
  std::set<std::string> fields;
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.insert(violation.field());
  }
  return fields;
}

}  // namespace veille::e2e
