#include "common/tokens/minting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/tokens/base64url.h"
#include "common/tokens/key_set.h"
#include "common/tokens/p256.h"
#include "common/tokens/signature.h"
#include "testing/status_matchers.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

MintedClaims Claims(absl::Time now) {
  return {.issuer = kIssuer,
          .audience = kAudience,
          .subject = kPerson,
          .roles = {"coordinator", "dpo"},
          .landlord = kLandlord,
          .partner = kPartner,
          .issued = now,
          .lifetime = absl::Hours(1)};
}

class MintingTest : public ::testing::TestWithParam<Algorithm> {};

TEST_P(MintingTest, MakesTokensThatAreTaken) {
  World world;
  world.WaitForKeys();
  const auto token = Mint(KeyFor(GetParam()), Claims(world.now));
  ASSERT_THAT(token, IsOk());
  const auto grant = world.verifier->Verify(*token, world.now);
  ASSERT_THAT(grant, IsOk());
  EXPECT_EQ(grant->issuer, kIssuer);
  EXPECT_EQ(grant->subject, kPerson);
  EXPECT_THAT(grant->roles,
              ::testing::ElementsAre(common::v1::ROLE_COORDINATOR, common::v1::ROLE_DPO));
  EXPECT_EQ(grant->landlord.ToString(), kLandlord);
  EXPECT_EQ(grant->partner.ToString(), kPartner);
  EXPECT_EQ(grant->expires, world.now + absl::Hours(1));
}

// A key comes back from its file with the same id, public half and algorithm.
TEST_P(MintingTest, KeepsAKeyInPem) {
  const auto key = SigningKey::Generate(GetParam());
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->kid().size(), 43) << "a thumbprint";
  const auto pem = key->ToPem();
  ASSERT_THAT(pem, IsOk());
  EXPECT_THAT(*pem, ::testing::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  const auto again = SigningKey::FromPem(*pem);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->kid(), key->kid());
  EXPECT_EQ(again->algorithm(), GetParam());
  EXPECT_EQ(again->PublicJwk(), key->PublicJwk());
  EXPECT_EQ(SigningKey::FromPem(*pem, "mine")->kid(), "mine");
}

TEST_P(MintingTest, ShowsNothingPrivate) {
  const auto jwk = nlohmann::json::parse(KeyFor(GetParam()).PublicJwk());
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
    EXPECT_FALSE(jwk.contains(name)) << name;
  }
  EXPECT_EQ(jwk["use"], "sig");
  EXPECT_EQ(jwk["alg"], NameOf(GetParam()));
}

// ES256 signatures come with either s by nature: half of them had to be turned.
TEST_P(MintingTest, SignsWhatItsPublicHalfChecks) {
  const SigningKey& key = KeyFor(GetParam());
  const auto set = KeySet::Parse(PublicJwks({key}));
  ASSERT_THAT(set, IsOk());
  for (int i = 0; i < 50; ++i) {
    const std::string text = "text " + std::to_string(i);
    const auto signature = key.Sign(text);
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(CheckSignature(*set->Find(key.kid()), text, *signature, false), Refusal::kNone);
    EXPECT_EQ(CheckSignature(*set->Find(key.kid()), text + "!", *signature, false),
              Refusal::kBadSignature);
  }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, MintingTest,
                         ::testing::Values(Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256),
                         [](const auto& tested) { return std::string(NameOf(tested.param)); });

// The key and the signature of RFC 8037, appendix A.
TEST(SigningKeyTest, SignsAsTheStandardDoes) {
  const auto key = SigningKey::FromPem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
      "-----END PRIVATE KEY-----\n");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const auto signature = key->Sign("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(
      EncodeBase64Url(*signature),
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

// The signature of RFC 7515, appendix A.3: good, and of the two possible ones the higher.
TEST(SignatureTest, ChecksAsTheStandardDoes) {
  const auto set = KeySet::Parse(
      R"({"keys": [{"kty": "EC", "crv": "P-256", "kid": "a",
                    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  ASSERT_THAT(set, IsOk());
  const std::string text =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ";
  const auto signature = DecodeBase64Url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(CheckSignature(*set->Find("a"), text, *signature, true), Refusal::kNone);
  EXPECT_EQ(CheckSignature(*set->Find("a"), text, *signature, false), Refusal::kHighSignature);
  EXPECT_EQ(CheckSignature(*set->Find("a"), text + "x", *signature, true), Refusal::kBadSignature);
}

TEST(SigningKeyTest, RefusesOtherKeys) {
  EXPECT_THAT(SigningKey::FromPem(""), StatusIs(kInvalid));
  EXPECT_THAT(SigningKey::FromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
              StatusIs(kInvalid));
  // Encrypted: nobody is asked for a password.
  const auto encrypted = SigningKey::FromPem(
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
      "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n"
      "-----END EC PRIVATE KEY-----\n");
  EXPECT_THAT(encrypted, StatusIs(kInvalid));
  EXPECT_THAT(std::string(encrypted.status().message()), Not(HasSubstr("AAAA")));
}

TEST(MintTest, RefusesClaimsThatAreNoText) {
  MintedClaims claims = Claims(absl::UnixEpoch());
  claims.subject = "\xff";
  EXPECT_THAT(Mint(KeyFor(Algorithm::kEdDsa), claims), StatusIs(kInvalid));
}

TEST(Base64UrlTest, HasOneTextPerValue) {
  for (size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + size * 5));
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes);
  }
  EXPECT_EQ(EncodeBase64Url("\xfb\xff"), "-_8");
  for (const char* wrong : {"A", "AB=", "AB==", "AB", "AAB", "+/8", "AA AA", "AAAA\n", "AAAAA"}) {
    EXPECT_EQ(DecodeBase64Url(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace veille::tokens
