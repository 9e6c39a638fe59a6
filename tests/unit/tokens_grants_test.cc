// What a good token grants, by what is said of its provider, and how long it is remembered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/tokens/claims.h"
#include "common/tokens/token_text.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;

constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;

class ClaimsTest : public ::testing::Test {
 protected:
  Refusal Read() { return ReadClaims(claims_, issuer_, now_, grant_); }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  const int64_t seconds_ = 1'800'000'000;
  Issuer issuer_ = IssuerNamed(kIssuer);
  json claims_ = GoodClaims(now_);
  Grant grant_;
};

TEST_F(ClaimsTest, GrantsWhatTheySay) {
  EXPECT_EQ(Read(), Refusal::kNone);
  EXPECT_EQ(grant_.issuer, kIssuer);
  EXPECT_EQ(grant_.subject, kPerson);
  EXPECT_THAT(grant_.roles, ElementsAre(common::v1::ROLE_VOLUNTEER));
  EXPECT_EQ(grant_.landlord.ToString(), kLandlord);
  EXPECT_TRUE(grant_.partner.is_nil());
  EXPECT_EQ(grant_.expires, now_ + absl::Minutes(10));
}

// What Keycloak and Entra ID send.
TEST_F(ClaimsTest, FindsClaimsWhereTheProviderPutsThem) {
  issuer_.claims = {"oid", "realm_access.roles", "https://veille.example/landlord", "a.b.c"};
  issuer_.roles = {{"callers", common::v1::ROLE_VOLUNTEER}, {"desk", common::v1::ROLE_COORDINATOR}};
  claims_.erase("veille_roles");
  claims_["oid"] = "person-of-entra";
  claims_["realm_access"]["roles"] = {"offline_access", "desk", "callers", "desk", "operator"};
  claims_["https://veille.example/landlord"] = kLandlord;
  claims_["a"]["b"]["c"] = kPartner;
  claims_["typ"] = "Bearer";
  ASSERT_EQ(Read(), Refusal::kNone);
  EXPECT_EQ(grant_.subject, "person-of-entra");
  EXPECT_THAT(grant_.roles, ElementsAre(common::v1::ROLE_VOLUNTEER, common::v1::ROLE_COORDINATOR));
  EXPECT_EQ(grant_.landlord.ToString(), kLandlord);
  EXPECT_EQ(grant_.partner.ToString(), kPartner);

  claims_["realm_access"] = {"desk"};
  EXPECT_EQ(Read(), Refusal::kBadRoles);
}

TEST_F(ClaimsTest, TakesARoleAsTextAndOneAudienceOfMany) {
  claims_["veille_roles"] = "operator";
  claims_["aud"] = {"mail", kAudience};
  claims_.erase("veille_landlord");
  ASSERT_EQ(Read(), Refusal::kNone);
  EXPECT_THAT(grant_.roles, ElementsAre(common::v1::ROLE_OPERATOR));
  EXPECT_TRUE(grant_.landlord.is_nil());
}

TEST_F(ClaimsTest, HoldsAProviderToItsLandlords) {
  issuer_.landlords = {ids::LandlordId::Parse(kPartner).value()};
  EXPECT_EQ(Read(), Refusal::kBadLandlord);
  claims_.erase("veille_landlord");
  EXPECT_EQ(Read(), Refusal::kBadLandlord);
  issuer_.landlords.push_back(ids::LandlordId::Parse(kLandlord).value());
  claims_["veille_landlord"] = kLandlord;
  EXPECT_EQ(Read(), Refusal::kNone);
}

TEST_F(ClaimsTest, LivesToTheEdgeOfItsTime) {
  claims_["nbf"] = seconds_;
  claims_["iat"] = seconds_;
  claims_["exp"] = seconds_ + 0.5;
  EXPECT_EQ(Read(), Refusal::kNone);
  claims_["exp"] = seconds_ + 12 * 3600;
  EXPECT_EQ(Read(), Refusal::kNone);
  issuer_.longest_lifetime = absl::Hours(1);
  EXPECT_EQ(Read(), Refusal::kLivesTooLong);
}

TEST_F(ClaimsTest, AllowsForClocksAsFarAsIsSaid) {
  issuer_.clock_skew = absl::Seconds(5);
  claims_["iat"] = seconds_ + 5;
  claims_["nbf"] = seconds_ + 5;
  EXPECT_EQ(Read(), Refusal::kNone);
  claims_["nbf"] = seconds_ + 6;
  EXPECT_EQ(Read(), Refusal::kNotYetValid);
  claims_["nbf"] = seconds_;
  claims_["iat"] = seconds_ + 6;
  EXPECT_EQ(Read(), Refusal::kIssuedInTheFuture);
  claims_["iat"] = seconds_ - 60;
  claims_["exp"] = seconds_ - 4;
  EXPECT_EQ(Read(), Refusal::kNone);
  claims_["exp"] = seconds_ - 5;
  EXPECT_EQ(Read(), Refusal::kExpired);
}

TEST(TokenTextTest, TakesTheTypeInEitherFormAndCase) {
  const SigningKey& key = KeyFor(Algorithm::kEdDsa);
  for (const char* type : {"at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"}) {
    json header = GoodHeader(key);
    header["typ"] = type;
    header["x5t"] = "names a certificate";
    header["nonce"] = "is not known here";
    const std::string token = Signed(key, header, GoodClaims(absl::UnixEpoch()));
    TokenText parts;
    EXPECT_EQ(ReadTokenText(token, parts), Refusal::kNone) << type;
    EXPECT_EQ(parts.type, "at+jwt");
  }
}

class VerifierTest : public ::testing::Test {
 protected:
  VerifierTest() { world_.WaitForKeys(); }

  std::unique_ptr<Verifier> Trusting(Issuer issuer, VerifierOptions options = {}) {
    options.fetcher = world_.server.Fetcher();
    auto verifier = Verifier::Start({std::move(issuer)}, world_.clock, options).value();
    const std::string token = GoodToken(world_, Algorithm::kEdDsa);
    EXPECT_TRUE(WaitUntil(
        [&] { return !absl::IsUnavailable(verifier->Verify(token, world_.now).status()); }));
    return verifier;
  }
  bool Takes(const std::string& token) { return world_.verifier->Verify(token, world_.now).ok(); }

  World world_;
};

TEST_F(VerifierTest, TakesUnmarkedTokensWhereThatIsSaid) {
  const SigningKey& key = KeyFor(Algorithm::kRs256);
  json header = GoodHeader(key);
  header["typ"] = "JWT";
  const std::string token = Signed(key, header, GoodClaims(world_.now));
  EXPECT_FALSE(Takes(token));
  Issuer issuer = IssuerNamed(kIssuer);
  issuer.takes_unmarked_type = true;
  EXPECT_THAT(Trusting(issuer)->Verify(token, world_.now), IsOk());
}

// A half of what most libraries sign.
TEST_F(VerifierTest, TakesTheGreaterSWhereThatIsSaid) {
  std::string high;
  for (const Forgery& forgery : ForgedSignatures(world_)) {
    if (forgery.reason == Refusal::kHighSignature) high = forgery.token;
  }
  EXPECT_FALSE(Takes(high));
  Issuer issuer = IssuerNamed(kIssuer);
  issuer.takes_high_s = true;
  EXPECT_THAT(Trusting(issuer)->Verify(high, world_.now), IsOk());
}

TEST_F(VerifierTest, RemembersAGoodTokenUntilItExpires) {
  const std::string token = GoodToken(world_, Algorithm::kEs256);
  const size_t before = world_.verifier->remembered();
  const auto first = world_.verifier->Verify(token, world_.now);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(world_.verifier->remembered(), before + 1);
  const auto again = world_.verifier->Verify(token, first->expires - absl::Milliseconds(1));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->subject, first->subject);
  EXPECT_EQ(again->roles, first->roles);
  EXPECT_EQ(world_.verifier->remembered(), before + 1);
  EXPECT_THAT(world_.verifier->Verify(token, first->expires), StatusIs(kUnauthenticated));
  EXPECT_EQ(world_.verifier->remembered(), before);
}

TEST_F(VerifierTest, ForgetsATokenWhoseKeyGoes) {
  const std::string token = GoodToken(world_, Algorithm::kEs256);
  ASSERT_TRUE(Takes(token));
  const std::string location = IssuerNamed(kIssuer).keys;
  const std::string edwards = GoodToken(world_, Algorithm::kEdDsa);
  ASSERT_TRUE(Takes(edwards));

  world_.server.Publish(location, PublicJwks({KeyFor(Algorithm::kEdDsa)}));
  world_.clock.Advance(kRefreshEvery);
  EXPECT_TRUE(WaitUntil([&] { return !Takes(token); }));
  EXPECT_TRUE(Takes(edwards)) << "its key has stayed";

  // The same key id with another key does not bring the token back.
  const auto other = SigningKey::Generate(Algorithm::kEs256, "ES256").value();
  world_.server.Publish(location, PublicJwks({KeyFor(Algorithm::kEdDsa), other}));
  world_.clock.Advance(kRefreshEvery);
  const std::string others = Signed(other, GoodHeader(other), GoodClaims(world_.now));
  EXPECT_TRUE(WaitUntil([&] { return Takes(others); }));
  EXPECT_THAT(world_.verifier->Verify(token, world_.now), StatusIs(kUnauthenticated));
}

TEST_F(VerifierTest, RemembersSoManyAndNoMore) {
  VerifierOptions few;
  few.most_remembered = 3;
  const auto verifier = Trusting(IssuerNamed(kIssuer), few);
  for (int i = 0; i < 10; ++i) {
    const std::string token = GoodToken(world_, Algorithm::kEs256);
    EXPECT_THAT(verifier->Verify(token, world_.now), IsOk());
    EXPECT_THAT(verifier->Verify(token, world_.now), IsOk());
    EXPECT_LE(verifier->remembered(), 3);
  }
  EXPECT_EQ(verifier->remembered(), 3);
}

TEST_F(VerifierTest, AnswersManyThreadsWhileKeysChange) {
  const std::string location = IssuerNamed(kIssuer).keys;
  const auto all = PublicJwks({KeyFor(Algorithm::kEs256), KeyFor(Algorithm::kEdDsa)});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 200; ++round) {
          const std::string token = GoodToken(world_, Algorithm::kEs256);
          const std::string forged = token.substr(0, token.size() - 2);
          wrong += Takes(token) && Takes(token) ? 0 : 1;
          wrong += Takes(forged) ? 1 : 0;
        }
      });
    }
    // A key that is not known has the keys fetched again.
    const std::string strange =
        Signed(StrangersKey(), GoodHeader(StrangersKey()), {{"iss", kIssuer}});
    for (int round = 0; round < 20; ++round) {
      world_.server.Publish(location, all + std::string(static_cast<size_t>(round), ' '));
      const int fetches = world_.server.fetches();
      world_.clock.Advance(kRefreshAtMostEvery);
      EXPECT_FALSE(Takes(strange));
      EXPECT_TRUE(WaitUntil([&] { return world_.server.fetches() > fetches; }));
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace veille::tokens
