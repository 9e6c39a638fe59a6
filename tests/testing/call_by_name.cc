#include "testing/call_by_name.h"

#include <google/protobuf/message.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace veille::testing {
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

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Set(Message& message, const FieldDescriptor& field, const std::string& value) {
  const auto& reflection = *message.GetReflection();
  int64_t number = 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(&message, &field, value);
    case FieldDescriptor::CPPTYPE_INT64:
      if (absl::SimpleAtoi(value, &number)) reflection.SetInt64(&message, &field, number);
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      if (absl::SimpleAtoi(value, &number)) {
        reflection.SetEnumValue(&message, &field, static_cast<int>(number));
      }
      return;
    default:
      return;
  }
}

// It goes on while nothing happens, whatever is asked.
constexpr absl::string_view kEndless = "WatchReferrals";

}  // namespace

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

std::string RequestWith(const google::protobuf::MethodDescriptor& method, const Fields& fields) {
  const std::unique_ptr<Message> request(google::protobuf::MessageFactory::generated_factory()
                                             ->GetPrototype(method.input_type())
                                             ->New());
  for (int i = 0; i < method.input_type()->field_count(); ++i) {
    const FieldDescriptor& field = *method.input_type()->field(i);
    const auto value = fields.find(field.name());
    if (field.is_repeated()) continue;
    if (field.name() == "request_id") Set(*request, field, ids::Uuid::Random().ToString());
    if (value != fields.end()) Set(*request, field, value->second);
  }
  return request->SerializeAsString();
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
  bool endless = false;
  for (call->Read(&message, nullptr); Finished(queue); call->Read(&message, nullptr)) {
    answer.bytes += TextOf(message);
    endless = method.name() == kEndless;
    if (endless) context.TryCancel();
  }
  call->Finish(&answer.status, nullptr);
  Finished(queue);
  if (endless) answer.status = grpc::Status::OK;
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

}  // namespace veille::testing
