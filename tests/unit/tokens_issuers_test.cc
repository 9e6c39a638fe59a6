#include "common/tokens/issuers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/tokens/fetch.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

json Least() {
  return {{"issuer", "https://login.example"}, {"audience", "veille"}, {"keys", "tokens.jwks"}};
}

std::string ListOf(const json& issuer) { return json::array({issuer}).dump(); }

TEST(IssuersTest, HasDefaults) {
  const auto issuers = ParseIssuers(ListOf(Least()), "/etc/veille");
  ASSERT_THAT(issuers, IsOk());
  ASSERT_EQ(issuers->size(), 1);
  const Issuer& issuer = issuers->front();
  EXPECT_EQ(issuer.name, "https://login.example");
  EXPECT_EQ(issuer.audience, "veille");
  EXPECT_EQ(issuer.keys, "/etc/veille/tokens.jwks");
  EXPECT_EQ(issuer.authorities, "");
  EXPECT_EQ(issuer.claims.person, "sub");
  EXPECT_EQ(issuer.claims.roles, "veille_roles");
  EXPECT_EQ(issuer.claims.landlord, "veille_landlord");
  EXPECT_EQ(issuer.claims.partner, "veille_partner");
  EXPECT_EQ(issuer.roles.size(), 5);
  EXPECT_FALSE(issuer.roles.contains("service"));
  EXPECT_EQ(issuer.clock_skew, absl::ZeroDuration());
  EXPECT_EQ(issuer.longest_lifetime, absl::Hours(12));
  EXPECT_FALSE(issuer.takes_unmarked_type);
  EXPECT_FALSE(issuer.takes_high_s);
  EXPECT_TRUE(issuer.landlords.empty());
}

TEST(IssuersTest, ReadsAllThatCanBeSaid) {
  const auto issuers = ParseIssuers(R"({"issuers": [{
      "issuer": "https://login.example/realms/veille", "audience": "veille",
      "keys": "https://login.example/realms/veille/certs", "authorities": "tls/own.pem",
      "claims": {"person": "oid", "roles": "realm_access.roles", "landlord": "l", "partner": "p"},
      "roles": {"callers": "volunteer", "desk": "coordinator"},
      "landlords": ["0190a5b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"],
      "clock_skew": 60, "lifetime": 3600, "type": "JWT", "high_s": true}]})",
                                    "/etc");
  ASSERT_THAT(issuers, IsOk());
  const Issuer& issuer = issuers->front();
  EXPECT_EQ(issuer.keys, "https://login.example/realms/veille/certs");
  EXPECT_EQ(issuer.authorities, "/etc/tls/own.pem");
  EXPECT_EQ(issuer.claims.person, "oid");
  EXPECT_EQ(issuer.claims.roles, "realm_access.roles");
  EXPECT_EQ(issuer.claims.landlord, "l");
  EXPECT_EQ(issuer.claims.partner, "p");
  EXPECT_EQ(issuer.roles.size(), 2);
  EXPECT_EQ(issuer.roles.at("desk"), common::v1::ROLE_COORDINATOR);
  ASSERT_EQ(issuer.landlords.size(), 1);
  EXPECT_EQ(issuer.landlords[0].ToString(), kLandlord);
  EXPECT_EQ(issuer.clock_skew, absl::Minutes(1));
  EXPECT_EQ(issuer.longest_lifetime, absl::Hours(1));
  EXPECT_TRUE(issuer.takes_unmarked_type);
  EXPECT_TRUE(issuer.takes_high_s);
}

TEST(IssuersTest, SaysWhatIsWrongAndWhere) {
  struct Wrong {
    const char* member;
    json value;
    const char* said;
  };
  const std::vector<Wrong> wrongs = {
      {"issuer", nullptr, "issuers[0].issuer is missing"},
      {"issuer", "", "issuers[0].issuer is empty"},
      {"issuer", 1, "issuers[0].issuer is no string"},
      {"audience", nullptr, "issuers[0].audience is missing"},
      {"keys", nullptr, "issuers[0].keys is missing"},
      {"keys", "ftp://login.example/keys", "issuers[0].keys is neither"},
      {"keys", "file:///etc/keys", "issuers[0].keys is neither"},
      {"audiences", "x", "issuers[0] has the unknown member \"audiences\""},
      {"claims", {{"roles", ""}}, "issuers[0].claims.roles is empty"},
      {"claims", {{"role", "x"}}, "issuers[0].claims has the unknown member \"role\""},
      {"claims", "x", "issuers[0].claims is no object"},
      {"roles", {{"x", "service"}}, "issuers[0].roles.x is none of coordinator"},
      {"roles", {{"x", 1}}, "issuers[0].roles.x is none of"},
      {"roles", json::object(), "issuers[0].roles is no object with a role"},
      {"landlords", json::array(), "issuers[0].landlords is no array"},
      {"landlords", {"x"}, "issuers[0].landlords holds something that is no UUID"},
      {"clock_skew", 61, "issuers[0].clock_skew is no whole number from 0 to 60"},
      {"clock_skew", -1, "issuers[0].clock_skew"},
      {"clock_skew", 0.5, "issuers[0].clock_skew"},
      {"lifetime", 59, "issuers[0].lifetime is no whole number from 60 to 604800"},
      {"lifetime", 604801, "issuers[0].lifetime"},
      {"type", "jwt", "issuers[0].type is neither"},
      {"high_s", 1, "issuers[0].high_s is neither true nor false"},
  };
  for (const Wrong& wrong : wrongs) {
    json issuer = Least();
    issuer[wrong.member] = wrong.value;
    if (wrong.value.is_null()) issuer.erase(wrong.member);
    const auto issuers = ParseIssuers(ListOf(issuer), "/");
    EXPECT_THAT(issuers, StatusIs(kInvalid)) << wrong.said;
    EXPECT_THAT(std::string(issuers.status().message()), HasSubstr(wrong.said));
  }
}

TEST(IssuersTest, RefusesWhatIsNoList) {
  const std::string least = Least().dump();
  const std::vector<std::pair<std::string, const char*>> wrongs = {
      {"", "is no JSON"},
      {"[" + least, "is no JSON"},
      {"[]", "holds none"},
      {"{}", "is no array"},
      {"7", "is no object"},
      {R"({"issuers": [], "x": 1})", "unknown member \"x\""},
      {R"({"issuers": 1})", "is no array"},
      {"[7]", "issuers[0] is no object"},
      {"[" + least + "," + least + "]", "issuers[1].issuer stands there twice"},
      {R"([{"issuer": "a", "issuer": "b"}])", "names a member twice"},
  };
  for (const auto& [text, said] : wrongs) {
    const auto issuers = ParseIssuers(text, "/");
    EXPECT_THAT(issuers, StatusIs(kInvalid)) << text;
    EXPECT_THAT(std::string(issuers.status().message()), HasSubstr(said)) << text;
  }
}

// The keys of a file are there at once, and a change is seen.
TEST(IssuersFileTest, LeadsToKeysInAFileBesideIt) {
  const testing::TemporaryFolder folder;
  const SigningKey& key = KeyFor(Algorithm::kEs256);
  folder.Write("tokens.jwks", PublicJwks({key}));
  json issuer = Least();
  issuer["issuer"] = kIssuer;
  auto issuers = ReadIssuers(folder.Write("issuers.json", ListOf(issuer)));
  ASSERT_THAT(issuers, IsOk());
  World world;
  const auto verifier = Verifier::Start(*std::move(issuers), world.clock);
  ASSERT_THAT(verifier, IsOk());
  EXPECT_THAT((*verifier)->Verify(GoodToken(world, Algorithm::kEs256), world.now), IsOk());
}

TEST(IssuersFileTest, RefusesToStartWithoutTheFilesItNames) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.Write("issuers.json", ListOf(Least()));
  EXPECT_THAT(ReadIssuers(path + ".none"), StatusIs(absl::StatusCode::kNotFound));
  auto issuers = ReadIssuers(path);
  ASSERT_THAT(issuers, IsOk());
  const time::SystemClock clock;
  const auto missing = Verifier::Start(*issuers, clock);
  EXPECT_THAT(missing, StatusIs(kInvalid));
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("tokens.jwks"));
  folder.Write("tokens.jwks", R"({"keys": []})");
  EXPECT_THAT(Verifier::Start(*issuers, clock), StatusIs(kInvalid));
  issuers->front().keys = "https://login.example/keys";
  issuers->front().authorities = folder.path() + "/authorities.pem";
  const auto uncertified = Verifier::Start(*issuers, clock);
  EXPECT_THAT(uncertified, StatusIs(kInvalid));
  EXPECT_THAT(std::string(uncertified.status().message()), HasSubstr("authorities.pem"));
  folder.Write("issuers.json", "[7]");
  EXPECT_THAT(std::string(ReadIssuers(path).status().message()), HasSubstr(path));
}

TEST(LocationTest, IsHttpsOrAFileAndPlainOnlyOnThisMachineWhenThatIsSaid) {
  const FetchOptions strict;
  FetchOptions loopback;
  loopback.loopback_http = true;
  for (const char* good : {"https://login.example/keys", "https://login.example:8443/a?b=c",
                           "/etc/veille/tokens.jwks"}) {
    EXPECT_THAT(CheckLocation(good, strict), IsOk()) << good;
  }
  for (const char* plain :
       {"http://127.0.0.1:8080/keys", "http://localhost/keys", "http://[::1]:80/keys"}) {
    EXPECT_THAT(CheckLocation(plain, strict), StatusIs(kInvalid)) << plain;
    EXPECT_THAT(CheckLocation(plain, loopback), IsOk()) << plain;
  }
  for (const char* bad : {"http://login.example/keys", "http://127.0.0.1.login.example/keys",
                          "http://127.0.0.1@login.example/keys", "https://me:pw@login.example/",
                          "https://login.example/#keys", "file:///etc/keys", "ftp://127.0.0.1/keys",
                          "https://", "http://127.1/keys#x"}) {
    EXPECT_THAT(CheckLocation(bad, loopback), StatusIs(kInvalid)) << bad;
  }
}

}  // namespace
}  // namespace veille::tokens
