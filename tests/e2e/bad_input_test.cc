// Every field of every RPC of the contract, one after the other, with what no client should send.
// The requests are made from the descriptors, so a new RPC is tried without a word here.
//
// Nothing but the broken field is in the request: nothing it holds may be answered with a failure
// of ours, change a row, or come back in an error's words. Two calls of each service are good: the
// refusals mean nothing otherwise.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/access/caller.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "common/rpc/status.h"
#include "common/status/errors.h"
#include "e2e/programme.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/intake_service.pb.h"
#include "veille/calls/v1/script_service.pb.h"
#include "veille/calls/v1/volunteer_service.pb.h"
#include "veille/common/v1/access.pb.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

constexpr int kDeepest = 5;
// Stands for what a tenant says: no error may repeat it.
constexpr char kMarker[] = "Marqueur";
// Replaced in the bytes by as many that are no UTF-8.
constexpr char kPlaceholder[] = "@@bytes@@";

struct Contract {
  Service service;
  const google::protobuf::ServiceDescriptor* descriptor;
};

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
          of(Service::kReferral, partner::v1::GetMyReferralRequest::descriptor()->file())};
}

// What is put into a field, and what must be said about it.
struct Value {
  std::string name;
  std::function<void(Message&, const FieldDescriptor&)> put;
  bool named = false;  // whether the answer must name the field
};

template <typename Number>
Value NumberOf(std::string name, Number number) {
  return {std::move(name), [number](Message& message, const FieldDescriptor& field) {
            const Reflection& reflection = *message.GetReflection();
            const bool many = field.is_repeated();
            switch (field.cpp_type()) {
              case FieldDescriptor::CPPTYPE_INT32: {
                const auto value = static_cast<int32_t>(number);
                many ? reflection.AddInt32(&message, &field, value)
                     : reflection.SetInt32(&message, &field, value);
                break;
              }
              case FieldDescriptor::CPPTYPE_INT64: {
                const auto value = static_cast<int64_t>(number);
                many ? reflection.AddInt64(&message, &field, value)
                     : reflection.SetInt64(&message, &field, value);
                break;
              }
              case FieldDescriptor::CPPTYPE_ENUM: {
                const auto value = static_cast<int>(number);
                many ? reflection.AddEnumValue(&message, &field, value)
                     : reflection.SetEnumValue(&message, &field, value);
                break;
              }
              default:
                break;
            }
          }};
}

Value Text(std::string name, std::string text, bool named) {
  return {std::move(name),
          [text](Message& message, const FieldDescriptor& field) {
            const Reflection& reflection = *message.GetReflection();
            field.is_repeated() ? reflection.AddString(&message, &field, text)
                                : reflection.SetString(&message, &field, text);
          },
          named};
}

std::vector<Value> ValuesOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string huge;
      while (huge.size() < 100'000) absl::StrAppend(&huge, kMarker, " ");
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return {Text("over-long", huge, true), Text("a byte", "M", false)};
      }
      return {Text("over-long", huge, true),
              Text("not UTF-8", absl::StrCat(kMarker, kPlaceholder), true),
              Text("with NUL", std::string("Marqueur\0x", 10), true),
              Text("unknown id", ids::Uuid::Random().ToString(), false),
              Text("no id", absl::StrCat(kMarker, "' OR 1=1; --"), false)};
    }
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_ENUM:
      return {NumberOf("-1", -1), NumberOf("least", std::numeric_limits<int32_t>::min()),
              NumberOf("most", std::numeric_limits<int32_t>::max())};
    case FieldDescriptor::CPPTYPE_INT64:
      return {NumberOf("-1", -1), NumberOf("least", std::numeric_limits<int64_t>::min()),
              NumberOf("most", std::numeric_limits<int64_t>::max())};
    default:
      return {};
  }
}

// Requests with one field broken each, deep in messages that are otherwise empty; their paths are
// as errors name them: "rows[0].name".
class Prober {
 public:
  explicit Prober(const Descriptor& type)
      : prototype_(google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)) {
    Walk(type, {});
  }
  const std::vector<std::pair<std::string, Value>>& values() const { return values_; }
  const std::vector<std::string>& bytes() const { return bytes_; }

 private:
  void Walk(const Descriptor& type, std::vector<const FieldDescriptor*> way) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      std::vector<const FieldDescriptor*> longer = way;
      longer.push_back(field);
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        if (longer.size() < kDeepest) Walk(*field->message_type(), longer);
        continue;
      }
      for (Value& value : ValuesOf(*field)) Add(longer, std::move(value));
    }
  }

  void Add(const std::vector<const FieldDescriptor*>& way, Value value) {
    std::unique_ptr<Message> request(prototype_->New());
    Message* at = request.get();
    std::string path;
    for (const FieldDescriptor* field : way) {
      absl::StrAppend(&path, path.empty() ? "" : ".", field->name(),
                      field->is_repeated() ? "[0]" : "");
      if (field == way.back()) {
        value.put(*at, *field);
      } else {
        const Reflection& reflection = *at->GetReflection();
        at = field->is_repeated() ? reflection.AddMessage(at, field)
                                  : reflection.MutableMessage(at, field);
      }
    }
    values_.emplace_back(path, std::move(value));
    bytes_.push_back(absl::StrReplaceAll(request->SerializeAsString(),
                                         {{kPlaceholder, "\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80"}}));
  }

  const Message* prototype_;
  std::vector<std::pair<std::string, Value>> values_;
  std::vector<std::string> bytes_;
};

// Calls methods by name with bytes.
class Wire {
 public:
  Wire(const Programme& programme, std::string landlord) : landlord_(std::move(landlord)) {
    for (const Service service : kServices) {
      channels_[service] = grpc::CreateCustomChannel(
          programme.address(service), grpc::InsecureChannelCredentials(), rpc::ChannelArguments());
    }
  }

  grpc::Status Call(Service service, const MethodDescriptor& method, const std::string& bytes) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channels_[service]);
    grpc::ClientContext context;
    Identify(context, method);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    const std::string name = absl::StrCat("/", method.service()->full_name(), "/", method.name());
    grpc::CompletionQueue queue;
    auto call = stub.PrepareUnaryCall(&context, name, request, &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return status;
  }

 private:
  void Identify(grpc::ClientContext& context, const MethodDescriptor& method) const {
    const auto& rule = method.options().GetExtension(common::v1::access);
    const auto role = static_cast<access::Role>(rule.roles(0));
    const auto add = [&context](std::string_view key, const std::string& value) {
      context.AddMetadata(std::string(key), value);
    };
    add(access::kRoleKey, std::string(access::NameOf(role)));
    add(access::kSubjectKey, rule.services().empty() || role != common::v1::ROLE_SERVICE
                                 ? "somebody"
                                 : rule.services(0));
    if (rule.relation() != common::v1::RELATION_NO_LANDLORD) {
      add(access::kLandlordKey, landlord_);
    }
    if (role == common::v1::ROLE_PARTNER) {
      add(access::kPartnerKey, ids::Uuid::Random().ToString());
    }
  }

  const std::string landlord_;
  std::map<Service, std::shared_ptr<grpc::Channel>> channels_;
};

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  return details;
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

bool IsOurFailure(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
      return false;
    default:
      return true;
  }
}

// What is wrong with an answer; empty when nothing is.
std::string Fault(const grpc::Status& status, const std::string& path, bool named) {
  if (IsOurFailure(status.error_code())) {
    return absl::StrCat("answered with code ", status.error_code(), ": ", status.error_message());
  }
  if (named && status.error_code() != grpc::StatusCode::INVALID_ARGUMENT) {
    return absl::StrCat("not refused: code ", status.error_code());
  }
  if (named && FieldsOf(status).count(path) == 0) {
    return absl::StrCat("the answer does not name ", path, ": ", status.error_message());
  }
  if (!status.ok() && ReasonOf(status).empty()) return "the error has no reason";
  if (absl::StrContains(status.error_message(), kMarker) ||
      absl::StrContains(status.error_details(), kMarker)) {
    return "the error repeats what was sent";
  }
  return "";
}

// Whether a handler may ignore what stands in the field: an update reads what its mask names, and
// who creates a thing does not name it.
bool MayIgnore(const MethodDescriptor& method, const std::string& path) {
  if (method.input_type()->FindFieldByName("update_mask") != nullptr) return true;
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  if (parts.size() != 2) return false;
  return parts[1] == "etag" || parts[1] == absl::StrCat(parts[0], "_id");
}

// How many rows each table has, audit events aside: reads leave those.
std::map<std::string, std::string> RowsOf(Programme& programme, Service service) {
  std::map<std::string, std::string> rows;
  auto& database = programme.database(service);
  for (const auto& table : database.Query(
           "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> 'audit_events'"
           " AND relnamespace = 'public'::regnamespace")) {
    rows[table[0]] = database.Value(absl::StrCat("SELECT count(*) FROM ", table[0]));
  }
  return rows;
}

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    registry::v1::CreateLandlordRequest request;
    request.set_request_id(ids::Uuid::Random().ToString());
    request.set_name("Toit Commun");
    const auto created = programme_.Connect(Service::kRegistry, {"operator", "ops", "", ""})
                             .Call(&registry::v1::RegistryService::Stub::CreateLandlord, request);
    ASSERT_TRUE(created.ok()) << created.status();
    landlord_ = created->landlord().landlord_id();
  }

  // What should be answered is: the services live, and take what is good.
  void ExpectGoodCallsAnswered() {
    const veillectl::Identity coordinator = {"coordinator", "ada", landlord_, ""};
    const auto households = programme_.Connect(Service::kRegistry, coordinator)
                                .Call(&registry::v1::RegistryService::Stub::ListHouseholds,
                                      registry::v1::ListHouseholdsRequest());
    EXPECT_TRUE(households.ok()) << households.status();
    const auto campaigns = programme_.Connect(Service::kCalls, coordinator)
                               .Call(&calls::v1::CampaignService::Stub::ListCampaigns,
                                     calls::v1::ListCampaignsRequest());
    EXPECT_TRUE(campaigns.ok()) << campaigns.status();
    const auto partners = programme_.Connect(Service::kReferral, coordinator)
                              .Call(&referral::v1::PartnerDirectoryService::Stub::ListPartners,
                                    referral::v1::ListPartnersRequest());
    EXPECT_TRUE(partners.ok()) << partners.status();
  }

  Programme programme_;
  std::string landlord_;
};

TEST_F(BadInput, IsRefusedByNameInEveryFieldOfEveryRpc) {
  ExpectGoodCallsAnswered();
  std::map<Service, std::map<std::string, std::string>> before;
  for (const Service service : kServices) before[service] = RowsOf(programme_, service);
  Wire wire(programme_, landlord_);
  int tried = 0;
  int methods = 0;
  for (const Contract& contract : Contracts()) {
    for (int i = 0; i < contract.descriptor->method_count(); ++i) {
      const MethodDescriptor& method = *contract.descriptor->method(i);
      if (method.client_streaming()) continue;  // its tests cut streams and break rows
      if (method.server_streaming()) continue;  // read message by message, not as one answer
      ++methods;
      const Prober prober(*method.input_type());
      for (size_t k = 0; k < prober.values().size(); ++k) {
        const auto& [path, value] = prober.values()[k];
        const grpc::Status status = wire.Call(contract.service, method, prober.bytes()[k]);
        const bool named = value.named && !(value.name == "over-long" && MayIgnore(method, path));
        const std::string fault = Fault(status, path, named);
        EXPECT_EQ(fault, "") << method.full_name() << ", " << path << " " << value.name;
        ++tried;
      }
      for (const std::string& garbage : {std::string("\xff\xff\xff\xff\x0f"), std::string("\x0a"),
                                         std::string(2'000'000, '\x0a')}) {
        const grpc::Status status = wire.Call(contract.service, method, garbage);
        EXPECT_TRUE(!IsOurFailure(status.error_code()) && !status.ok())
            << method.full_name() << ": code " << status.error_code();
      }
    }
  }
  for (const Service service : kServices) {
    EXPECT_EQ(RowsOf(programme_, service), before[service]) << NameOf(service);
    EXPECT_TRUE(programme_.running(service)) << NameOf(service);
  }
  ExpectGoodCallsAnswered();
  std::printf("%d broken requests to %d methods\n", tried, methods);
  EXPECT_GT(methods, 40);
  EXPECT_GT(tried, 20 * methods);
}

}  // namespace
}  // namespace veille::e2e
