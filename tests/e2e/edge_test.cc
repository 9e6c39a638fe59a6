// What volunteers, coordinators and partners meet: nginx as deploy/edge runs it.

#include "e2e/edge.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "e2e/command.h"
#include "e2e/contracts.h"
#include "e2e/story.h"
#include "testing/http.h"
#include "testing/wait_until.h"
#include "veille/audit/v1/audit_service.pb.h"
#include "veille/calls/v1/script_service.pb.h"
#include "veille/common/v1/access.pb.h"

namespace veille::e2e {
namespace {

using google::protobuf::MethodDescriptor;
using ::testing::HasSubstr;
using ::testing::Not;
using Prepare = std::function<void(grpc::ClientContext&)>;
namespace com = ::veille::common::v1;

constexpr char kAudit[] = "veille.audit.v1.AuditService";

class EdgeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    programme_ = std::make_unique<Programme>();
    edge_ = std::make_unique<Edge>(
        *programme_, std::vector<std::string>{"--calls-per-second", "1000", "--burst", "1000"});
    programme_->GoThrough(edge_->address());
  }
  static void TearDownTestSuite() {
    edge_.reset();
    programme_.reset();
  }

  static std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address,
                                                  const std::string& certificate = "") {
    return grpc::CreateCustomChannel(
        address, *tls::ChannelCredentials(programme_->authority()->FilesOf(certificate)),
        rpc::ChannelArguments());
  }

  static Answer Call(const std::shared_ptr<grpc::Channel>& channel, const MethodDescriptor& method,
                     const std::string& bytes, const Prepare& prepare) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    prepare(context);
    return CallByName(channel, context, method, bytes);
  }

  static std::string Token(const std::string& role, const std::string& landlord) {
    return *programme_->authority()->Token(role, "ada", landlord, "", absl::Minutes(5));
  }
  static Prepare As(const std::string& role, const std::string& landlord) {
    return [token = Token(role, landlord)](grpc::ClientContext& context) {
      context.set_credentials(grpc::AccessTokenCredentials(token));
    };
  }

  static const MethodDescriptor& Method(const std::string& full_name) {
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name);
    if (method == nullptr) throw std::runtime_error("there is no " + full_name);
    return *method;
  }
  static const MethodDescriptor& ListScripts() {
    return Method("veille.calls.v1.ScriptService.ListScripts");
  }

  const std::string landlord_ = ids::Uuid::Random().ToString();
  static std::unique_ptr<Programme> programme_;
  static std::unique_ptr<Edge> edge_;
};

std::unique_ptr<Programme> EdgeTest::programme_;
std::unique_ptr<Edge> EdgeTest::edge_;

// What `curl` with these arguments writes.
std::string Curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"/usr/bin/env", "curl", "--silent", "--max-time", "10",
                                       "--output", "/dev/null", "--write-out", "%{http_code}"});
  testing::Subprocess curl(std::move(arguments));
  return curl.ReadAll();
}

TEST_F(EdgeTest, AWholeCaseGoesThroughIt) {
  Story story(*programme_);
  for (const Story::Step& step : Story::Steps()) {
    const absl::Status status = Insist(story, step);
    ASSERT_TRUE(status.ok()) << step.name << ": " << status;
  }
  ExpectTheOneEnd(story);
  const std::string log = edge_->AccessLog();
  for (const char* method :
       {"registry.v1.RegistryService/ImportHouseholds", "calls.v1.CallService/LeaseNextCall",
        "calls.v1.CallService/RecordCall", "partner.v1.PartnerDeskService/AcceptReferral"}) {
    EXPECT_THAT(log, HasSubstr(method));
  }
  EXPECT_THAT(log, Not(HasSubstr("127.0.0.1")));
  EXPECT_THAT(log, Not(HasSubstr(story.landlord_id)));
}

TEST_F(EdgeTest, RoutesWhatPeopleAndPartnersCallAndNothingElse) {
  const auto channel = ChannelTo(edge_->address());
  int routed = 0;
  int closed = 0;
  for (const Contract& contract : Contracts()) {
    for (int i = 0; i < contract.descriptor->method_count(); ++i) {
      const MethodDescriptor& method = *contract.descriptor->method(i);
      const auto& roles = method.options().GetExtension(com::access).roles();
      const bool people = std::any_of(roles.begin(), roles.end(),
                                      [](int role) { return role != com::ROLE_SERVICE; });
      const bool everywhere = contract.descriptor->full_name() == kAudit;
      const bool expected = people && !everywhere;
      const grpc::Status status = Call(channel, method, "", [](auto&) {}).status;
      EXPECT_EQ(status.error_code(),
                expected ? grpc::StatusCode::UNAUTHENTICATED : grpc::StatusCode::UNIMPLEMENTED)
          << method.full_name() << ": " << status.error_message();
      EXPECT_EQ(absl::StrContains(status.error_message(), "The edge does not serve"),
                !expected && !everywhere);
      ++(expected ? routed : closed);
    }
  }
  std::printf("%d methods through the edge, %d not\n", routed, closed);
  EXPECT_GT(routed, 30);
  EXPECT_GT(closed, 8);
}

// One name in three services: the caller says whose trail is meant.
TEST_F(EdgeTest, ADataProtectionOfficerReadsTheTrailOfEachService) {
  const auto channel = ChannelTo(edge_->address());
  const MethodDescriptor& verify = Method(absl::StrCat(kAudit, ".VerifyAuditTrail"));
  const auto Verify = [&](const std::string& service, const std::string& role) {
    return Call(channel, verify, "", [&](grpc::ClientContext& context) {
      As(role, landlord_)(context);
      if (!service.empty()) context.AddMetadata("veille-service", service);
    });
  };
  for (const Service service : kServices) {
    const Answer answer = Verify(NameOf(service), "dpo");
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    audit::v1::VerifyAuditTrailResponse response;
    ASSERT_TRUE(response.ParseFromString(answer.bytes));
    EXPECT_EQ(response.service(), NameOf(service));
    EXPECT_EQ(Verify(NameOf(service), "volunteer").status.error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
  }
  for (const char* service : {"", "database", "registry", "127.0.0.1:1"}) {
    const grpc::Status status = Verify(service, "dpo").status;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << service;
    EXPECT_THAT(status.error_message(), HasSubstr("Say whose trail"));
  }
  const Result verified = Veillectl(*programme_, landlord_, {"audit", "verify"});
  EXPECT_EQ(verified.code, 0) << verified.output;
  for (const Service service : kServices) EXPECT_THAT(verified.output, HasSubstr(NameOf(service)));
}

TEST_F(EdgeTest, WhatACallerSaysOfItselfStaysOutside) {
  // Straight to the service, its certificate and this landlord are believed.
  const MethodDescriptor& report = Method("veille.registry.v1.RegistryService.ListHouseholds");
  const auto claims = [&](grpc::ClientContext& context) {
    context.AddMetadata("veille-role", "service");
    context.AddMetadata("veille-subject", "call-tracking");
    context.AddMetadata("veille-landlord", landlord_);
    context.AddMetadata("veille-partner", landlord_);
  };
  EXPECT_EQ(
      Call(ChannelTo(programme_->address(Service::kRegistry), "call-tracking"), report, "", claims)
          .status.error_code(),
      grpc::StatusCode::PERMISSION_DENIED);
  // A service's certificate is nobody's at the edge.
  EXPECT_EQ(
      Call(ChannelTo(edge_->address(), "call-tracking"), report, "", claims).status.error_code(),
      grpc::StatusCode::UNAUTHENTICATED);
  // The token's landlord counts, beside whatever is claimed.
  Story story(*programme_);
  ASSERT_TRUE(story.CreateLandlord().ok());
  ASSERT_TRUE(story.PublishScript().ok());
  const auto channel = ChannelTo(edge_->address());
  const Prepare own = As("coordinator", story.landlord_id);
  const Prepare other = [&](grpc::ClientContext& context) {
    As("coordinator", landlord_)(context);
    context.AddMetadata("veille-landlord", story.landlord_id);
  };
  const Answer seen = Call(channel, ListScripts(), "", own);
  EXPECT_TRUE(seen.status.ok()) << seen.status.error_message();
  EXPECT_THAT(seen.bytes, HasSubstr(story.script_id));
  EXPECT_THAT(Call(channel, ListScripts(), "", other).bytes, Not(HasSubstr(story.script_id)));
}

TEST_F(EdgeTest, RefusesWhatIsTooLargeAndServesTheOthers) {
  const auto honest = ChannelTo(edge_->address());
  const auto ListWorks = [&] {
    return Call(honest, ListScripts(), "", As("coordinator", landlord_)).status.ok();
  };
  ASSERT_TRUE(ListWorks());
  const MethodDescriptor& publish = Method("veille.calls.v1.ScriptService.PublishScript");
  calls::v1::PublishScriptRequest request;
  const auto Publish = [&](size_t size) {
    request.set_request_id(std::string(size, 'a'));
    return Call(ChannelTo(edge_->address()), publish, request.SerializeAsString(),
                As("coordinator", landlord_))
        .status;
  };
  EXPECT_EQ(Publish(900 << 10).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const grpc::Status large = Publish(2 << 20);
  EXPECT_EQ(large.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(large.error_message(), HasSubstr("more than 1 MiB"));

  const auto WithMetadata = [&](int entries, size_t size) {
    return Call(ChannelTo(edge_->address()), ListScripts(), "",
                [&](grpc::ClientContext& context) {
                  As("coordinator", landlord_)(context);
                  for (int i = 0; i < entries; ++i) {
                    context.AddMetadata(absl::StrCat("x-bomb-", i), std::string(size, 'a'));
                  }
                })
        .status;
  };
  EXPECT_TRUE(WithMetadata(4, 1 << 10).ok());
  EXPECT_FALSE(WithMetadata(12, 2 << 10).ok());
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(WithMetadata(1, 1 << 20).ok());
    EXPECT_TRUE(ListWorks());
  }
}

TEST_F(EdgeTest, AServiceThatDiesIsUnavailableUntilItIsBack) {
  const auto channel = ChannelTo(edge_->address());
  const auto List = [&] {
    return Call(channel, ListScripts(), "", As("coordinator", landlord_)).status;
  };
  ASSERT_TRUE(List().ok());
  programme_->Kill(Service::kCalls);
  const grpc::Status dead = List();
  EXPECT_EQ(dead.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(dead.error_message(), HasSubstr("The edge gets no answer"));
  EXPECT_EQ(testing::Fetch(edge_->health_address(), "/healthz").status, 200);
  programme_->Restart(Service::kCalls);
  EXPECT_TRUE(testing::WaitUntil([&] { return List().ok(); }));
}

// Callers who never stop, some on one connection, some on a new one for each call. nginx ends the
// connections of its old workers: a call that crosses that is UNAVAILABLE, and goes at the next
// try.
TEST_F(EdgeTest, CertificatesAreRenewedUnderLoadAndARepetitionMendsWhatCrossesIt) {
  Edge edge(*programme_, {"--calls-per-second", "5000", "--burst", "5000"});
  const auto Shown = [&]() -> std::string {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    As("coordinator", landlord_)(context);
    if (!CallByName(ChannelTo(edge.address()), context, ListScripts(), "").status.ok()) return "";
    const auto shown = context.auth_context()->FindPropertyValues("x509_pem_cert");
    return shown.empty() ? "" : std::string(shown[0].data(), shown[0].size());
  };
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> repeated = 0;
  const auto List = [&](const std::shared_ptr<grpc::Channel>& channel) {
    return Call(channel, ListScripts(), "", As("coordinator", landlord_)).status;
  };
  const auto CallOn = [&](const std::shared_ptr<grpc::Channel>& channel) {
    grpc::Status status = List(channel);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      ++repeated;
      status = List(channel);
    }
    EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
    ++answered;
  };
  std::vector<std::thread> load;
  for (int i = 0; i < 2; ++i) {
    load.emplace_back([&] {
      const auto kept = ChannelTo(edge.address());
      while (!stop) CallOn(kept);
    });
    load.emplace_back([&] {
      while (!stop) CallOn(ChannelTo(edge.address()));
    });
  }
  std::string last = Shown();
  for (int i = 0; i < 3; ++i) {
    const int before = answered;
    EXPECT_TRUE(programme_->authority()->RenewPrograms().ok());
    const std::string renewed =
        testing::ContentOf(programme_->authority()->FilesOf("edge").certificate);
    EXPECT_NE(renewed, last);
    edge.Reload();
    EXPECT_TRUE(testing::WaitUntil([&] { return Shown() == renewed; }));
    EXPECT_TRUE(testing::WaitUntil([&] { return answered > before + 100; }));
    last = renewed;
  }
  stop = true;
  for (std::thread& thread : load) thread.join();
  std::printf("%d calls while certificates changed; %d of them were repeated\n", answered.load(),
              repeated.load());
  EXPECT_LE(repeated, 12) << "one for each caller and renewal at most";
}

TEST_F(EdgeTest, SpeaksGrpcOverTls13Only) {
  const std::string url =
      absl::StrCat("https://", edge_->address(), "/veille.calls.v1.ScriptService/ListScripts");
  const std::string authority = programme_->authority()->FilesOf("").authority;
  const auto Status = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--cacert", authority, url});
    return Curl(std::move(arguments));
  };
  const std::vector<std::string> grpc = {"--header", "content-type: application/grpc", "--request",
                                         "POST"};
  const auto And = [&](const std::string& option, const std::string& value = "") {
    std::vector<std::string> arguments = grpc;
    arguments.push_back(option);
    if (!value.empty()) arguments.push_back(value);
    return Status(arguments);
  };
  EXPECT_EQ(And("--http2"), "200");
  EXPECT_EQ(And("--http1.1"), "505");
  EXPECT_EQ(And("--tls-max", "1.2"), "000");
  EXPECT_EQ(Status({"--http2"}), "415");
  EXPECT_EQ(testing::Fetch(edge_->address(), "/").status, 400);  // clear text
}

TEST_F(EdgeTest, AnAddressWithTooManyCallsIsToldToWait) {
  const Edge slow(*programme_, {"--calls-per-second", "1", "--burst", "5"});
  const auto channel = ChannelTo(slow.address());
  int served = 0;
  grpc::Status refused;
  for (int i = 0; i < 40 && refused.ok(); ++i) {
    refused = Call(channel, ListScripts(), "", As("coordinator", landlord_)).status;
    served += refused.ok() ? 1 : 0;
  }
  EXPECT_GE(served, 5);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_TRUE(testing::WaitUntil(
      [&] { return Call(channel, ListScripts(), "", As("coordinator", landlord_)).status.ok(); }));
}

}  // namespace
}  // namespace veille::e2e
