// What one caller and one address may do, at the real services and through the real edge.

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "common/status/errors.h"
#include "e2e/edge.h"
#include "testing/http.h"
#include "testing/status_matchers.h"
#include "testing/subprocess.h"
#include "veille/calls/v1/script_service.grpc.pb.h"

namespace veille::e2e {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;
namespace pb = ::veille::calls::v1;
namespace com = ::veille::common::v1;

// Slow enough that no machine is slower: four calls at once, twenty tokens.
class LimitsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    programme_ = std::make_unique<Programme>(
        Programme::Security::kTls, std::vector<std::string>{"--person-calls-per-second", "1",
                                                            "--refused-tokens-per-second", "1"});
    edge_ = std::make_unique<Edge>(*programme_);
  }
  static void TearDownTestSuite() {
    edge_.reset();
    programme_.reset();
  }

  // Whatever was charged before is forgotten.
  void SetUp() override { programme_->Restart(Service::kCalls); }

  static std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address,
                                                  const std::string& certificate = "") {
    return grpc::CreateCustomChannel(
        address, *tls::ChannelCredentials(programme_->authority()->FilesOf(certificate)),
        rpc::ChannelArguments());
  }
  static std::string Calls() { return programme_->address(Service::kCalls); }
  // Each call's is a new one.
  std::string Token(const std::string& subject) const {
    return *programme_->authority()->Token("coordinator", subject, landlord_, "", absl::Minutes(5));
  }
  static absl::Status List(const std::shared_ptr<grpc::Channel>& channel, const std::string& token,
                           const std::string& client_address = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context.set_credentials(grpc::AccessTokenCredentials(token));
    if (!client_address.empty()) context.AddMetadata("veille-client-address", client_address);
    pb::ListScriptsResponse response;
    return rpc::FromGrpc(pb::ScriptService::NewStub(channel)->ListScripts(&context, {}, &response));
  }
  // Forged tokens until one is not looked at any more; how many were.
  static int ForgeUntilRefused(const std::shared_ptr<grpc::Channel>& channel,
                               const std::function<std::string(int)>& client_address) {
    for (int i = 0; i < 200; ++i) {
      const absl::Status status =
          List(channel, absl::StrCat("forged.", i, ".token"), client_address(i));
      if (errors::ReasonOf(status) == com::ERROR_REASON_RATE_LIMITED) return i;
      EXPECT_THAT(status, ReasonIs(com::ERROR_REASON_UNAUTHENTICATED));
    }
    ADD_FAILURE() << "200 forged tokens were looked at";
    return 200;
  }

  const std::string landlord_ = ids::Uuid::Random().ToString();
  static std::unique_ptr<Programme> programme_;
  static std::unique_ptr<Edge> edge_;
};

std::unique_ptr<Programme> LimitsTest::programme_;
std::unique_ptr<Edge> LimitsTest::edge_;

TEST_F(LimitsTest, APersonWhoCallsTooOftenWaitsAndNobodyElseDoes) {
  const auto channel = ChannelTo(Calls());
  absl::Status refused;
  int answered = 0;
  while (refused.ok() && answered < 100) {
    refused = List(channel, Token("ada"));
    answered += refused.ok() ? 1 : 0;
  }
  EXPECT_GE(answered, 4);
  EXPECT_THAT(refused, ReasonIs(com::ERROR_REASON_RATE_LIMITED)) << "whatever the token";
  const auto delay = errors::RetryDelayOf(refused);
  ASSERT_TRUE(delay.has_value());
  EXPECT_GT(*delay, absl::ZeroDuration());
  EXPECT_LE(*delay, absl::Seconds(1));
  EXPECT_THAT(List(channel, Token("grace")), IsOk());
  // veillectl waits as long as it was told.
  const auto patient = programme_->Connect(Service::kCalls, {"coordinator", "ada", landlord_, ""});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(patient.Call(&pb::ScriptService::Stub::ListScripts, pb::ListScriptsRequest()),
                IsOk());
  }
  EXPECT_THAT(testing::Fetch(programme_->admin_address(Service::kCalls), "/metrics").body,
              HasSubstr("veille_calls_limited_total{role=\"person\",reason=\"rate\"}"));
}

TEST_F(LimitsTest, ForgedTokensCostTheirAddressAndTheEdgeSaysWhose) {
  // As the edge, for two clients.
  const auto edge = ChannelTo(Calls(), "edge");
  const auto attacker = [](int) { return std::string("192.0.2.1"); };
  EXPECT_GE(ForgeUntilRefused(edge, attacker), 20);
  EXPECT_THAT(List(edge, Token("new-there"), "192.0.2.1"),
              ReasonIs(com::ERROR_REASON_RATE_LIMITED));
  EXPECT_THAT(List(edge, Token("new-elsewhere"), "192.0.2.2"), IsOk());
  // Who was known goes on, also from there.
  const std::string known = Token("known");
  EXPECT_THAT(List(edge, known, "192.0.2.2"), IsOk());
  EXPECT_THAT(List(edge, known, "192.0.2.1"), IsOk());
}

// A new one for each call; what counts is where the call comes from.
std::string AnotherEachTime(int i) { return absl::StrCat("198.51.100.", i); }

TEST_F(LimitsTest, NobodyElseChoosesTheAddress) {
  const int looked_at = ForgeUntilRefused(ChannelTo(Calls()), AnotherEachTime);
  EXPECT_GE(looked_at, 20);
  EXPECT_LT(looked_at, 100);
}

// Connections that do nothing, more of them than the edge has room for: the longest idle give way.
TEST_F(LimitsTest, ConnectionsThatDoNothingPushNobodyOut) {
  constexpr int kHeld = 500;
  const Edge edge(*programme_, {"--connections", "256"});
  const auto standing = ChannelTo(edge.address());
  ASSERT_THAT(List(standing, Token("ada")), IsOk());
  testing::Subprocess idle({"/usr/bin/python3", absl::StrCat(VEILLE_E2E_DIR, "/edge_attacker.py"),
                            "idle", edge.address(), absl::StrCat(kHeld)});
  ASSERT_EQ(idle.WaitForLine("HELD ", absl::Seconds(60)), absl::StrCat(kHeld));
  const auto stand = idle.WaitForLine("STAND ", absl::Seconds(20));
  ASSERT_TRUE(stand.has_value());
  EXPECT_LT(std::stoi(*stand), 256);
  EXPECT_THAT(List(standing, Token("ada")), IsOk());
  EXPECT_THAT(List(ChannelTo(edge.address()), Token("ada")), IsOk());
}

TEST_F(LimitsTest, TheEdgeSaysWhatItSees) {
  const int looked_at = ForgeUntilRefused(ChannelTo(edge_->address()), AnotherEachTime);
  EXPECT_GE(looked_at, 20);
  EXPECT_LT(looked_at, 100);
}

}  // namespace
}  // namespace veille::e2e
