#include "veillectl/inbox/inbox_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/rpc/status.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::partner::v1;
namespace common = ::veille::common::v1;

std::string MetadataOf(const grpc::ServerContext& context, std::string_view key) {
  const auto found = context.client_metadata().find(grpc::string_ref(key.data(), key.size()));
  if (found == context.client_metadata().end()) return {};
  return std::string(found->second.data(), found->second.size());
}

absl::Status CheckCaller(const grpc::ServerContext& context, const std::string& landlord) {
  ASSIGN_OR_RETURN(const access::Caller caller,
                   access::IdentifyCaller(MetadataOf(context, access::kRoleKey),
                                          MetadataOf(context, access::kSubjectKey),
                                          MetadataOf(context, access::kLandlordKey),
                                          MetadataOf(context, access::kPartnerKey)));
  if (caller.role != common::ROLE_SERVICE || caller.subject != "referral" ||
      caller.landlord.ToString() != landlord) {
    return errors::Make(absl::StatusCode::kPermissionDenied, common::ERROR_REASON_ACCESS_DENIED,
                        "only the referral service of this partner's landlord delivers here");
  }
  return absl::OkStatus();
}

}  // namespace

InboxService::InboxService(std::string landlord, EventLog& log, OnNotice on_notice)
    : landlord_(std::move(landlord)), log_(log), on_notice_(std::move(on_notice)) {}

grpc::Status InboxService::DeliverReferral(grpc::ServerContext* context,
                                           const pb::DeliverReferralRequest* request,
                                           pb::DeliverReferralResponse* response) {
  const absl::Status allowed = CheckCaller(*context, landlord_);
  if (!allowed.ok()) return rpc::ToGrpc(allowed);
  const Notice notice{request->referral_id(), request->assignment_fence()};
  log_.Received(notice, request->delivery_id(), request->version());
  if (on_notice_) on_notice_(notice);
  // The same number for the same delivery, however often it comes.
  response->set_receipt_number(absl::StrCat("sample-", request->delivery_id().substr(0, 8)));
  return grpc::Status::OK;
}

}  // namespace veille::veillectl
