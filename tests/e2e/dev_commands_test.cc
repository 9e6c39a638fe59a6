// veillectl dev-certs and dev-token, as a person types them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/time/clock.h"
#include "common/tls/credentials.h"
#include "common/tokens/verifier.h"
#include "e2e/command.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"

namespace veille::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::ContentOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;

class DevCommandsTest : public ::testing::Test {
 protected:
  Result Certs(Arguments arguments = {}) const {
    arguments.insert(arguments.begin(), {"dev-certs", folder_});
    return Veillectl(arguments);
  }
  Result Token(Arguments arguments) const {
    arguments.insert(arguments.begin(), {"dev-token", folder_});
    return Veillectl(arguments);
  }
  std::string Content(const std::string& name) const { return ContentOf(folder_ + "/" + name); }
  tls::Files FilesOf(const std::string& name) const {
    return {.certificate = folder_ + "/" + name + ".pem",
            .key = folder_ + "/" + name + ".key",
            .authority = folder_ + "/authority.pem"};
  }

  const testing::TemporaryFolder outer_;
  const std::string folder_ = outer_.path() + "/not/there/yet";
  const std::string landlord_ = ids::LandlordId::Random().ToString();
  const std::string partner_ = ids::PartnerId::Random().ToString();
};

TEST_F(DevCommandsTest, MakeWhatServersAndPartnersNeed) {
  const Result made = Certs({"--partner", landlord_ + "/" + partner_});
  ASSERT_EQ(made.code, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("--tls-authority " + folder_ + "/authority.pem"));
  for (const std::string name : {"tenant-registry", "call-tracking", "referral", "edge"}) {
    EXPECT_THAT(tls::ServerCredentials(FilesOf(name)), IsOk()) << name;
    EXPECT_THAT(tls::ChannelCredentials(FilesOf(name)), IsOk()) << name;
  }
  EXPECT_THAT(tls::ChannelCredentials(FilesOf("partner-" + partner_)), IsOk());
  EXPECT_THAT(Content("audit.pub"), HasSubstr("BEGIN PUBLIC KEY"));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const bool key = entry.path().extension() == ".key";
    EXPECT_EQ(entry.status().permissions(), fs::perms(key ? 0600 : 0644)) << entry.path();
    EXPECT_EQ(Content(entry.path().filename()).find("PRIVATE") != std::string::npos, key);
  }
}

TEST_F(DevCommandsTest, RunAgainKeepsTheAuthority) {
  ASSERT_EQ(Certs().code, 0);
  const std::string authority = Content("authority.pem");
  const std::string authority_key = Content("authority.key");
  const std::string tokens = Content("tokens.key");
  const std::string audit = Content("audit.key");
  const std::string referral = Content("referral.pem");

  ASSERT_EQ(Certs({"--partner", landlord_ + "/" + partner_}).code, 0);
  EXPECT_EQ(Content("referral.pem"), referral) << "a partner was asked for, no more";
  ASSERT_EQ(Certs().code, 0);
  EXPECT_NE(Content("referral.pem"), referral) << "renewed";
  EXPECT_EQ(Content("authority.pem"), authority);
  EXPECT_EQ(Content("authority.key"), authority_key);
  EXPECT_EQ(Content("tokens.key"), tokens);
  EXPECT_EQ(Content("audit.key"), audit);

  ASSERT_EQ(Certs({"--force"}).code, 0);
  EXPECT_NE(Content("authority.pem"), authority);
  EXPECT_NE(Content("tokens.key"), tokens);
  EXPECT_NE(Content("audit.key"), audit);
}

// A half of an authority is one too: its other half may be all that is left of it.
TEST_F(DevCommandsTest, NothingIsOverwrittenUnasked) {
  ASSERT_EQ(Certs().code, 0);
  fs::remove(folder_ + "/authority.pem");
  const std::string key = Content("authority.key");
  const Result refused = Certs();
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.output, HasSubstr("authority.pem"));
  EXPECT_EQ(Content("authority.key"), key);
}

TEST_F(DevCommandsTest, ATokenIsTakenByWhoeverReadsTheIssuers) {
  ASSERT_EQ(Certs().code, 0);
  const auto issuers = tokens::ReadIssuers(folder_ + "/issuers.json");
  ASSERT_THAT(issuers, IsOk());
  const time::SystemClock clock;
  const auto verifier = tokens::Verifier::Start(*issuers, clock);
  ASSERT_THAT(verifier, IsOk());
  const auto taken = [&](const Arguments& arguments) {
    const Result token = Token(arguments);
    EXPECT_EQ(token.code, 0) << token.output;
    const std::vector<std::string> lines = absl::StrSplit(token.output, '\n');
    EXPECT_THAT(lines, ElementsAre(Not(""), "")) << "the token alone";
    auto grant = (*verifier)->Verify(lines[0], absl::Now());
    EXPECT_THAT(grant, IsOk());
    return *grant;
  };
  const auto julie = taken({"--role", "volunteer", "--subject", "julie", "--landlord", landlord_});
  EXPECT_EQ(julie.subject, "julie");
  EXPECT_THAT(julie.roles, ElementsAre(common::v1::ROLE_VOLUNTEER));
  EXPECT_EQ(julie.landlord.ToString(), landlord_);
  EXPECT_NEAR(absl::ToDoubleMinutes(julie.expires - absl::Now()), 60, 1);
  const auto ccas = taken({"--role", "partner", "--subject", "marc", "--landlord", landlord_,
                           "--partner", partner_, "--lifetime", "10m"});
  EXPECT_EQ(ccas.partner.ToString(), partner_);
  EXPECT_NEAR(absl::ToDoubleMinutes(ccas.expires - absl::Now()), 10, 1);

  // Those of an authority that is no more are not taken by the next.
  const Result old = Token({"--role", "operator", "--subject", "ops"});
  ASSERT_EQ(Certs({"--force"}).code, 0);
  const auto next = tokens::Verifier::Start(*issuers, clock);
  ASSERT_THAT(next, IsOk());
  const std::string text = old.output.substr(0, old.output.find('\n'));
  EXPECT_THAT((*verifier)->Verify(text, absl::Now()), IsOk());
  EXPECT_THAT((*next)->Verify(text, absl::Now()), Not(IsOk()));
}

TEST_F(DevCommandsTest, WrongUseIsExitCode2AndSaysWhy) {
  const Result nothing = Token({"--role", "volunteer", "--subject", "x", "--landlord", landlord_});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(nothing.output, AllOf(HasSubstr("authority.pem"), HasSubstr("dev-certs")));
  EXPECT_EQ(Certs({"--partner", landlord_}).code, 2);
  EXPECT_FALSE(fs::exists(folder_)) << "arguments are read before anything is made";
  ASSERT_EQ(Certs().code, 0);
  EXPECT_EQ(Token({"--subject", "x", "--landlord", landlord_}).code, 2);
  EXPECT_EQ(Token({"--role", "king", "--subject", "x", "--landlord", landlord_}).code, 2);
  EXPECT_THAT(Token({"--role", "volunteer", "--subject", "x"}).output, HasSubstr("no landlord"));
  EXPECT_EQ(Token({"--role", "operator", "--subject", "x", "--lifetime", "soon"}).code, 2);
  EXPECT_EQ(Token({"--role", "operator", "--subject", "x", "--lifetime", "13h"}).code, 2);
  EXPECT_EQ(Veillectl({"dev-certs"}).code, 2);
}

}  // namespace
}  // namespace veille::e2e
