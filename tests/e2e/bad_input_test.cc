// Every field of every RPC of the contract, one after the other, with what no client should send.
// The requests are made from the descriptors, so a new RPC is tried without a word here.
//
// Nothing but the broken field is in the request: nothing it holds may be answered with a failure
// of ours, change a row, or come back in an error's words. Two calls of each service are good: the
// refusals mean nothing otherwise.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/access/caller.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "common/rpc/reason.h"
#include "e2e/broken_requests.h"
#include "e2e/contracts.h"
#include "e2e/programme.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/common/v1/access.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {
namespace {

using google::protobuf::MethodDescriptor;

// The first identity that the method's access rule allows.
void Identify(grpc::ClientContext& context, const MethodDescriptor& method,
              const std::string& landlord) {
  const auto& rule = method.options().GetExtension(common::v1::access);
  const auto role = static_cast<access::Role>(rule.roles(0));
  const auto add = [&context](std::string_view key, const std::string& value) {
    context.AddMetadata(std::string(key), value);
  };
  add(access::kRoleKey, std::string(access::NameOf(role)));
  add(access::kSubjectKey,
      rule.services().empty() || role != common::v1::ROLE_SERVICE ? "somebody" : rule.services(0));
  if (rule.relation() != common::v1::RELATION_NO_LANDLORD) add(access::kLandlordKey, landlord);
  add(rpc::kReasonKey, rpc::EncodeReason("a test asks for what is not there"));
  if (role == common::v1::ROLE_PARTNER) {
    add(access::kPartnerKey, ids::Uuid::Random().ToString());
  }
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
  // The caller may be a volunteer whom nobody enrolled: that is said of every id but a broken one.
  const bool is_a_stranger = status.error_code() == grpc::StatusCode::PERMISSION_DENIED &&
                             absl::StrContains(ReasonOf(status), "VOLUNTEER_NOT_ENROLLED");
  if (IsOurFailure(status.error_code()) && !(is_a_stranger && !named)) {
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

// How many rows each table has, audit trails aside: reads leave those.
std::map<std::string, std::string> RowsOf(Programme& programme, Service service) {
  std::map<std::string, std::string> rows;
  auto& database = programme.database(service);
  for (const auto& table : database.Query(
           "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname NOT LIKE 'audit%'"
           " AND relnamespace = 'public'::regnamespace")) {
    rows[table[0]] = database.Value(absl::StrCat("SELECT count(*) FROM ", table[0]));
  }
  return rows;
}

class BadInput : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const Service service : kServices) {
      channels_[service] = grpc::CreateCustomChannel(
          programme_.address(service), grpc::InsecureChannelCredentials(), rpc::ChannelArguments());
    }
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
                                .WithReason("a test looks whether good calls are answered")
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

  Programme programme_{Programme::Security::kLoopback};
  std::map<Service, std::shared_ptr<grpc::Channel>> channels_;
  std::string landlord_;
};

TEST_F(BadInput, IsRefusedByNameInEveryFieldOfEveryRpc) {
  ExpectGoodCallsAnswered();
  std::map<Service, std::map<std::string, std::string>> before;
  for (const Service service : kServices) before[service] = RowsOf(programme_, service);
  const auto call = [&](const Contract& contract, const MethodDescriptor& method,
                        const std::string& bytes) {
    grpc::ClientContext context;
    Identify(context, method, landlord_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return CallByName(channels_.at(contract.service), context, method, bytes).status;
  };
  int tried = 0;
  int methods = 0;
  for (const Contract& contract : Contracts()) {
    for (int i = 0; i < contract.descriptor->method_count(); ++i) {
      const MethodDescriptor& method = *contract.descriptor->method(i);
      if (method.client_streaming()) continue;  // its tests cut streams and break rows
      if (method.server_streaming()) continue;  // read message by message, not as one answer
      ++methods;
      const BrokenRequests requests(*method.input_type());
      for (const auto& [path, value, bytes] : requests.all()) {
        const grpc::Status status = call(contract, method, bytes);
        const bool named = value.named && !(value.name == "over-long" && MayIgnore(method, path));
        const std::string fault = Fault(status, path, named);
        EXPECT_EQ(fault, "") << method.full_name() << ", " << path << " " << value.name;
        ++tried;
      }
      for (const std::string& garbage : {std::string("\xff\xff\xff\xff\x0f"), std::string("\x0a"),
                                         std::string(2'000'000, '\x0a')}) {
        const grpc::Status status = call(contract, method, garbage);
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
