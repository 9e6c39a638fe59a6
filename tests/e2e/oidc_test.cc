// People sign in at a real provider of identities, beside the services: the authorization code flow
// with PKCE, an access token as RFC 9068 wants it, keys fetched over https and turned over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/client.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
using nlohmann::json;
using testing::IsOk;
using ::testing::StartsWith;

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr char kHere[] = "https://veille.example";
constexpr char kElsewhere[] = "https://elsewhere.example";

class OidcTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Client("ready"))) {
      GTEST_SKIP()
          << "*** SKIPPED: no provider of identities: `tests/clients/prepare oidc` has not "
             "made it ready. ***";
    }
    for (const auto step : {&Story::CreateLandlord, &Story::PublishScript, &Story::CreateCampaign})
      ASSERT_THAT((story_.*step)(), IsOk());
    StartProvider();
    TellServices();
    channel_ = grpc::CreateCustomChannel(programme_.address(Service::kCalls),
                                         *tls::ChannelCredentials(authority().FilesOf("")),
                                         rpc::ChannelArguments());
  }

  static std::string Client(const std::string& name) {
    return absl::StrCat(VEILLE_CLIENTS, "/oidc/", name);
  }
  const veillectl::DevAuthority& authority() const { return *programme_.authority(); }

  std::unique_ptr<testing::Subprocess> RunNode(
      const std::string& script, std::vector<std::pair<std::string, std::string>> environment) {
    environment.emplace_back("OIDC_ISSUER", issuer_);
    return std::make_unique<testing::Subprocess>(
        std::vector<std::string>{"/bin/sh", "-c", "exec \"$@\" 2>/dev/null", "sh", "node",
                                 Client(script)},
        environment);
  }

  void StartProvider() {
    const auto issued = *authority().certificates().Issue(veillectl::DevLeaf("issuer", "issuer"));
    const json callers = {{"realm_access", {{"roles", {"appelants"}}}},
                          {"bailleur", story_.landlord_id}};
    json desk = callers;
    desk["realm_access"]["roles"] = {"astreinte", "coordination"};
    const json people = {{"ada", {{"password", "correct horse"}, {"claims", desk}}},
                         {"camille", {{"password", "battery staple"}, {"claims", callers}}}};
    provider_ = RunNode("provider.js",
                        {{"OIDC_CERTIFICATE", folder_.Write("issuer.pem", issued.certificate)},
                         {"OIDC_KEY", folder_.Write("issuer.key", issued.key)},
                         {"OIDC_PEOPLE", folder_.Write("people.json", people.dump())}});
    ASSERT_TRUE(provider_->WaitForLine("LISTENING", kPatience).has_value());
  }

  // That tokens of this provider are taken too, with its own names for claims and roles.
  void TellServices() {
    const std::string path = authority().Path("issuers.json");
    json issuers = json::parse(testing::ContentOf(path));
    json& list = issuers.is_array() ? issuers : issuers["issuers"];
    list.push_back({{"issuer", issuer_},
                    {"audience", "veille"},
                    {"keys", issuer_ + "/jwks"},
                    {"authorities", "authority.pem"},
                    {"claims", {{"roles", "realm_access.roles"}, {"landlord", "bailleur"}}},
                    {"roles", {{"appelants", "volunteer"}, {"coordination", "coordinator"}}},
                    {"high_s", true}});
    std::ofstream(path) << issuers.dump();
    programme_.Restart(Service::kCalls);
  }

  // What the provider gives to whom it knows; null when it gives nothing.
  json SignIn(const std::string& login, const std::string& password,
              const std::string& resource = kHere, bool stolen = false) {
    std::vector<std::pair<std::string, std::string>> environment = {
        {"OIDC_AUTHORITY", authority().Path("authority.pem")},
        {"OIDC_RESOURCE", resource},
        {"OIDC_LOGIN", login},
        {"OIDC_PASSWORD", password}};
    if (stolen) environment.emplace_back("OIDC_WRONG_VERIFIER", "1");
    const auto process = RunNode("sign_in.js", environment);
    const std::string told = process->ReadAll();
    return process->Wait(kPatience) == 0 ? json::parse(told) : json();
  }
  std::string TokenOf(const std::string& login, const std::string& password,
                      const std::string& resource = kHere) {
    return SignIn(login, password, resource).value("access_token", "");
  }
  std::string NewToken() { return TokenOf("ada", "correct horse"); }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const std::string& token) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    context.set_credentials(grpc::AccessTokenCredentials(token));
    Stub stub(channel_);
    Response response;
    const grpc::Status status = (stub.*method)(&context, Request(), &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }
  absl::StatusOr<pb::ListCampaignsResponse> ListCampaigns(const std::string& token) {
    return Call(&pb::CampaignService::Stub::ListCampaigns, token);
  }
  absl::StatusCode CodeWith(const std::string& token) {
    return ListCampaigns(token).status().code();
  }
  // A key that was not known until now is there within the time that RetryInfo says.
  absl::StatusCode CodeOnceKeysAreThere(const std::string& token) {
    absl::StatusCode code = absl::StatusCode::kUnavailable;
    EXPECT_TRUE(testing::WaitUntil(
        [&] { return (code = CodeWith(token)) != absl::StatusCode::kUnavailable; }, kPatience));
    return code;
  }

  Programme programme_;
  Story story_{programme_};
  const testing::TemporaryFolder folder_;
  const std::string issuer_ = absl::StrCat("https://localhost:", FreePort());
  std::unique_ptr<testing::Subprocess> provider_;
  std::shared_ptr<grpc::Channel> channel_;
};

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

TEST_F(OidcTest, WhoSignsInIsWhoTheProviderSays) {
  const json signed_in = SignIn("ada", "correct horse");
  ASSERT_TRUE(signed_in.contains("access_token")) << "the provider signed nobody in";
  const std::string token = signed_in["access_token"];
  ASSERT_EQ(CodeOnceKeysAreThere(token), kOk);
  const auto listed = ListCampaigns(token);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->campaigns_size(), 1);
  EXPECT_EQ(listed->campaigns(0).campaign_id(), story_.campaign.campaign_id());
  EXPECT_THAT(Call(&pb::VolunteerService::Stub::ListVolunteers, token), IsOk());

  // The role is the provider's to give, by its own name for it.
  const std::string volunteer = TokenOf("camille", "battery staple");
  EXPECT_EQ(CodeWith(volunteer), kOk);
  EXPECT_EQ(Call(&pb::VolunteerService::Stub::ListVolunteers, volunteer).status().code(),
            absl::StatusCode::kPermissionDenied);

  // Good tokens, well signed by the same key, and not for us.
  const std::string elsewhere = TokenOf("ada", "correct horse", kElsewhere);
  EXPECT_THAT(elsewhere, StartsWith("ey"));
  EXPECT_EQ(CodeWith(elsewhere), kUnauthenticated);
  const std::string identity = signed_in["id_token"];
  EXPECT_THAT(identity, StartsWith("ey"));
  EXPECT_EQ(CodeWith(identity), kUnauthenticated);
  // And one whose claims somebody changed under the same signature.
  std::string changed = token;
  char& letter = changed[changed.find('.') + 20];
  letter = letter == 'A' ? 'B' : 'A';
  EXPECT_EQ(CodeWith(changed), kUnauthenticated);

  // The provider itself lets nobody in who does not know the password, nor who stole the code.
  EXPECT_TRUE(SignIn("ada", "battery staple").is_null());
  EXPECT_TRUE(SignIn("ada", "correct horse", kHere, /*stolen=*/true).is_null());
  EXPECT_EQ(CodeWith(token), kOk);
}

TEST_F(OidcTest, KeysAreTurnedOver) {
  const std::string first = NewToken();
  ASSERT_EQ(CodeOnceKeysAreThere(first), kOk);
  provider_->Kill(SIGHUP);
  ASSERT_EQ(provider_->WaitForLine("SIGNING ", kPatience), "EdDSA");
  const std::string second = NewToken();
  EXPECT_EQ(CodeOnceKeysAreThere(second), kOk);
  EXPECT_EQ(CodeWith(first), kOk) << "its key is still published";

  provider_->Kill(SIGHUP);
  ASSERT_EQ(provider_->WaitForLine("SIGNING ", kPatience), "RS256");
  provider_->Kill(SIGUSR2);
  ASSERT_EQ(provider_->WaitForLine("PUBLISHED ", kPatience), "RS256");
  const std::string third = NewToken();
  EXPECT_EQ(CodeOnceKeysAreThere(third), kOk);
  EXPECT_EQ(CodeOnceKeysAreThere(first), kUnauthenticated) << "its key is gone";
  EXPECT_EQ(CodeOnceKeysAreThere(second), kUnauthenticated) << "its key is gone";

  // Without the provider, who is signed in stays so.
  provider_->Kill(SIGKILL);
  EXPECT_EQ(CodeWith(third), kOk);
}

}  // namespace
}  // namespace veille::e2e
