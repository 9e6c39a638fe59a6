#include "fuzz/requests.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/access/caller.h"
#include "veille/common/v1/access.pb.h"

namespace veille::fuzz {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::TextFormat;
using testing::Answer;

constexpr absl::Duration kCallTime = absl::Seconds(8);

void Expect(bool holds, const MethodDescriptor& method, std::string_view what,
            const Answer& answer) {
  if (holds) return;
  std::cerr << "does not hold of " << method.name() << ": " << what << " (code "
            << answer.status.error_code() << " " << testing::ReasonOf(answer.status) << ": "
            << answer.status.error_message() << ")\n";
  std::abort();
}

std::unique_ptr<Message> Prototype(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// Whether a request may be to blame for it.
bool MayBeRefusedSo(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
      return true;
    default:
      return false;
  }
}

void Check(const MethodDescriptor& method, const std::string& bytes, const Answer& answer) {
  if (answer.status.ok()) {
    if (method.server_streaming()) return;
    Expect(Prototype(method.output_type())->ParseFromString(answer.bytes), method,
           "a response can be read", answer);
    return;
  }
  Expect(MayBeRefusedSo(answer.status), method, "no failure is ours", answer);
  const std::string reason = testing::ReasonOf(answer.status);
  Expect(!reason.empty(), method, "an error has a reason", answer);
  if (reason == "INVALID_FIELDS") {
    Expect(!testing::FieldsOf(answer.status).empty(), method, "fields at fault are named", answer);
  }
  if (absl::StrContains(bytes, kSomebody)) {
    Expect(!absl::StrContains(answer.status.error_message(), kSomebody) &&
               !absl::StrContains(answer.status.error_details(), kSomebody),
           method, "errors repeat nothing of a request", answer);
  }
}

}  // namespace

const MethodDescriptor* MethodNamed(const std::string& name) {
  for (const char* area : {"audit", "calls", "partner", "referral", "registry"}) {
    const auto* type = DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("veille.", area, ".v1.", name, "Request"));
    if (type == nullptr || type->file()->service_count() == 0) continue;
    if (const auto* method = type->file()->service(0)->FindMethodByName(name)) return method;
  }
  return nullptr;
}

std::string AsBytes(std::string_view input) {
  const size_t end = input.find(":\n");
  if (end == input.npos || input.find('\n') < end) return std::string(input);
  const std::string name(input.substr(0, end));
  const MethodDescriptor* method = MethodNamed(name);
  if (method == nullptr) return std::string(input);
  struct Silence final : google::protobuf::io::ErrorCollector {
    void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  } silence;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&silence);
  const auto request = Prototype(method->input_type());
  if (!parser.ParseFromString(std::string(input.substr(end + 2)), request.get())) {
    return std::string(input);
  }
  return absl::StrCat(name, "\n", request->SerializeAsString());
}

Requests::Requests(const std::string& address, std::vector<std::string> services, Known known)
    : channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
      services_(std::move(services)),
      known_(std::move(known)) {}

Answer Requests::Send(const MethodDescriptor& method, const std::string& bytes) const {
  const auto& rule = method.options().GetExtension(common::v1::access);
  const auto role = static_cast<access::Role>(rule.roles(0));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTime));
  const auto add = [&context](std::string_view key, const std::string& value) {
    context.AddMetadata(std::string(key), value);
  };
  add(access::kRoleKey, std::string(access::NameOf(role)));
  add(access::kSubjectKey, role == common::v1::ROLE_SERVICE ? rule.services(0) : known_.subject);
  add("veille-reason", "a%20fuzzer%20asks");
  if (role != common::v1::ROLE_OPERATOR) add(access::kLandlordKey, known_.landlord);
  if (role == common::v1::ROLE_PARTNER) add(access::kPartnerKey, known_.partner);
  return testing::CallByName(channel_, context, method, bytes);
}

void Requests::Try(std::string_view input) const {
  const std::string request = AsBytes(input);
  const size_t end = request.find('\n');
  if (end == request.npos) return;
  const MethodDescriptor* method = MethodNamed(request.substr(0, end));
  if (method == nullptr || method->name() == "WatchCampaign" ||
      std::find(services_.begin(), services_.end(), method->service()->full_name()) ==
          services_.end()) {
    return;
  }
  std::string bytes = request.substr(end + 1);
  for (size_t i = 0; i < known_.ids.size(); ++i) {
    const std::string place = absl::StrCat("00000000-0000-4000-8000-00000000000", i + 1);
    bytes = absl::StrReplaceAll(bytes, {{place, known_.ids[i]}});
  }
  Check(*method, bytes, Send(*method, bytes));
}

}  // namespace veille::fuzz
