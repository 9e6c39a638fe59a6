// The keys of a provider: which are taken, and when they are fetched.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "common/tokens/base64url.h"
#include "common/tokens/key_set.h"
#include "common/tokens/key_store.h"
#include "testing/status_matchers.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;

json Jwk(Algorithm algorithm) { return json::parse(KeyFor(algorithm).PublicJwk()); }

std::string SetOf(const std::vector<json>& keys) { return json{{"keys", keys}}.dump(); }

// Beside a key that stays.
absl::StatusOr<KeySet> With(const json& key, std::vector<KeySet::LeftOut>* left_out) {
  json good = Jwk(Algorithm::kEdDsa);
  good["kid"] = "stays";
  return KeySet::Parse(SetOf({key, good}), left_out);
}

TEST(KeySetTest, HasTheKeysOfEachKind) {
  std::vector<KeySet::LeftOut> left_out;
  const auto set = KeySet::Parse(
      SetOf({Jwk(Algorithm::kEs256), Jwk(Algorithm::kEdDsa), Jwk(Algorithm::kRs256)}), &left_out);
  ASSERT_THAT(set, IsOk());
  EXPECT_TRUE(left_out.empty());
  for (const auto each : {Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256}) {
    const auto key = set->Find(NameOf(each));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->algorithm, each);
  }
  EXPECT_EQ(set->Find("es256"), nullptr);
}

TEST(KeySetTest, TakesKeysThatSayLessAndMore) {
  json bare = Jwk(Algorithm::kRs256);
  bare.erase("alg");
  bare.erase("use");
  bare["x5c"] = {"MIIB"};
  bare["key_ops"] = {"verify"};
  std::vector<KeySet::LeftOut> left_out;
  EXPECT_THAT(KeySet::Parse(SetOf({bare}), &left_out), IsOk());
}

struct Unused {
  const char* what;
  absl::StatusCode code;
  json key;
};

json Changed(Algorithm algorithm, const char* member, const json& value) {
  json key = Jwk(algorithm);
  key[member] = value;
  if (value.is_null()) key.erase(member);
  return key;
}

json RsaKey(int bits, unsigned exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits);
  BIGNUM* number = BN_new();
  BN_set_word(number, exponent);
  EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, number);
  EVP_PKEY_generate(context, &key);
  BIGNUM* modulus = nullptr;
  EVP_PKEY_get_bn_param(key, "n", &modulus);
  std::string n(static_cast<size_t>(BN_num_bytes(modulus)), '\0'), e(4, '\0');
  BN_bn2bin(modulus, reinterpret_cast<unsigned char*>(n.data()));
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(e.data()), 4);
  BN_free(number);
  BN_free(modulus);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(context);
  return {{"kty", "RSA"}, {"kid", "r"}, {"n", EncodeBase64Url(n)}, {"e", EncodeBase64Url(e)}};
}

// A modulus that is too long, and has no small divisors either.
std::string FifthPower(const std::string& modulus) {
  const std::string bytes = DecodeBase64Url(modulus).value();
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()), nullptr);
  BIGNUM* five = BN_new();
  BN_set_word(five, 5);
  BN_CTX* context = BN_CTX_new();
  BN_exp(number, number, five, context);
  std::string power(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(power.data()));
  BN_CTX_free(context);
  BN_free(five);
  BN_free(number);
  return EncodeBase64Url(power);
}

std::vector<Unused> UnusedKeys() {
  constexpr auto kElse = absl::StatusCode::kUnimplemented;
  constexpr auto kWrong = absl::StatusCode::kInvalidArgument;
  constexpr auto kEs = Algorithm::kEs256;
  constexpr auto kEd = Algorithm::kEdDsa;
  constexpr auto kRs = Algorithm::kRs256;
  const std::string x = Jwk(kEs)["x"].get<std::string>();
  const std::string n = Jwk(kRs)["n"].get<std::string>();
  return {
      {"for encryption", kElse, Changed(kRs, "use", "enc")},
      {"for nothing that is said well", kElse, Changed(kRs, "use", 1)},
      {"for signing only", kElse, Changed(kEs, "key_ops", {"sign"})},
      {"for operations that are no list", kElse, Changed(kEs, "key_ops", "verify")},
      {"for PS256", kElse, Changed(kRs, "alg", "PS256")},
      {"for RSA-OAEP", kElse, Changed(kRs, "alg", "RSA-OAEP")},
      {"for an algorithm of another kind", kElse, Changed(kEs, "alg", "RS256")},
      {"for HS256", kElse, Changed(kRs, "alg", "HS256")},
      {"without a key id", kElse, Changed(kEs, "kid", nullptr)},
      {"with an empty key id", kElse, Changed(kEs, "kid", "")},
      {"with a long key id", kElse, Changed(kEs, "kid", std::string(201, 'k'))},
      {"on another curve", kElse, Changed(kEs, "crv", "P-384")},
      {"on Bitcoin's curve", kElse, Changed(kEs, "crv", "secp256k1")},
      {"on Ed448", kElse, Changed(kEd, "crv", "Ed448")},
      {"for key agreement", kElse, Changed(kEd, "crv", "X25519")},
      {"of no kind", kElse, Changed(kEs, "kty", nullptr)},
      {"private, on the curve", kWrong, Changed(kEs, "d", "AAAA")},
      {"private, Ed25519", kWrong, Changed(kEd, "d", x)},
      {"private, RSA", kWrong, Changed(kRs, "p", "AAAA")},
      {"private, and empty", kWrong, Changed(kEs, "d", "")},
      {"symmetric", kWrong, {{"kty", "oct"}, {"kid", "s"}, {"k", x}}},
      {"symmetric in disguise", kWrong, Changed(kRs, "k", x)},
      {"not on the curve", kWrong, Changed(kEs, "y", x)},
      {"at no place", kWrong, Changed(kEs, "x", nullptr)},
      {"with a short coordinate", kWrong, Changed(kEs, "x", x.substr(0, 40))},
      {"with a padded coordinate", kWrong, Changed(kEs, "x", x + "=")},
      {"with an Ed25519 key that is short", kWrong, Changed(kEd, "x", "AAAA")},
      {"RSA without a modulus", kWrong, Changed(kRs, "n", nullptr)},
      {"RSA with an even modulus", kWrong, Changed(kRs, "n", n.substr(0, n.size() - 4) + "AAAA")},
      {"RSA with exponent 1", kWrong, Changed(kRs, "e", "AQ")},
      {"RSA with exponent 3", kWrong, Changed(kRs, "e", "Aw")},
      {"RSA with an even exponent", kWrong, Changed(kRs, "e", "AQAA")},
      {"RSA with exponent 0", kWrong, Changed(kRs, "e", "AA")},
      {"RSA of 1024 bits", kWrong, RsaKey(1024, 65537)},
      {"RSA of 2047 bits and less", kWrong, RsaKey(2040, 65537)},
      {"RSA of 10,240 bits", kWrong, Changed(kRs, "n", FifthPower(n))},
      {"RSA with a modulus that three divides", kWrong,
       Changed(kRs, "n", EncodeBase64Url(std::string(256, '\xff')))},
      {"no object", kWrong, "key"},
  };
}

TEST(KeySetTest, LeavesOutWhatIsNoKeyForThis) {
  for (const Unused& unused : UnusedKeys()) {
    std::vector<KeySet::LeftOut> left_out;
    const auto set = With(unused.key, &left_out);
    ASSERT_THAT(set, IsOk()) << unused.what;
    EXPECT_EQ(set->size(), 1) << unused.what;
    EXPECT_NE(set->Find("stays"), nullptr);
    ASSERT_EQ(left_out.size(), 1) << unused.what;
    EXPECT_EQ(left_out[0].place, 0);
    EXPECT_THAT(left_out[0].why, StatusIs(unused.code)) << unused.what;
  }
}

TEST(KeySetTest, TakesNoneOfThoseThatShareAKeyId) {
  std::vector<KeySet::LeftOut> left_out;
  const auto set = With(Changed(Algorithm::kEs256, "kid", "stays"), &left_out);
  EXPECT_THAT(set, StatusIs(absl::StatusCode::kInvalidArgument));
  const auto one = KeySet::Parse(
      SetOf({Jwk(Algorithm::kEs256), Jwk(Algorithm::kRs256), Jwk(Algorithm::kEs256)}), &left_out);
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->Find("ES256"), nullptr);
  EXPECT_NE(one->Find("RS256"), nullptr);
}

TEST(KeySetTest, RefusesWhatIsNoKeySet) {
  const std::string one = SetOf({Jwk(Algorithm::kEs256)});
  const std::vector<std::string> wrong = {"",
                                          "null",
                                          "[]",
                                          "{}",
                                          R"({"keys": {}})",
                                          R"({"keys": []})",
                                          "<html>Sign in</html>",
                                          one + one,
                                          one.substr(0, one.size() - 1),
                                          SetOf(std::vector<json>(101, "key")),
                                          R"({"keys": [], )" + one.substr(1)};
  for (const std::string& text : wrong) {
    EXPECT_THAT(KeySet::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

class KeyStoreTest : public ::testing::Test {
 protected:
  void Publish(const std::vector<SigningKey>& keys) { server_.Publish("keys", PublicJwks(keys)); }
  bool Has(const char* kid) { return store_.Find(kid).key != nullptr; }
  bool MayCome(const char* kid) { return store_.Find(kid).retry_after.has_value(); }
  // What the thread does; how often it fetched.
  int Turn(absl::Duration later) {
    clock_.Advance(later);
    const int before = server_.fetches();
    last_ = store_.RefreshIfDue();
    return server_.fetches() - before;
  }

  const SigningKey& first_ = KeyFor(Algorithm::kEs256);
  const SigningKey& next_ = SpareKey();
  testing::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  KeyServer server_;
  KeyStore store_{kIssuer, "keys", server_.Fetcher(), clock_};
  absl::Status last_;
};

TEST_F(KeyStoreTest, RefreshesEveryFiveMinutes) {
  Publish({first_});
  EXPECT_EQ(Turn(absl::ZeroDuration()), 1);
  EXPECT_TRUE(Has("ES256"));
  EXPECT_EQ(Turn(absl::Minutes(5) - absl::Seconds(1)), 0);
  EXPECT_EQ(Turn(absl::Seconds(1)), 1);
}

TEST_F(KeyStoreTest, TurnsToTheNextKeyWithoutAGap) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  const auto before = store_.Find("ES256").key;
  Publish({first_, next_});
  EXPECT_TRUE(MayCome("spare")) << "the provider signs with it already";
  EXPECT_EQ(Turn(absl::Seconds(10)), 1);
  EXPECT_TRUE(Has("spare"));
  EXPECT_EQ(store_.Find("ES256").key, before) << "the same key stays the same";
  EXPECT_TRUE(store_.Holds(*before));

  Publish({next_});
  Turn(absl::Minutes(5));
  EXPECT_FALSE(Has("ES256"));
  EXPECT_FALSE(store_.Holds(*before));
  EXPECT_TRUE(Has("spare"));
}

TEST_F(KeyStoreTest, TakesAnotherKeyUnderTheSameIdForAnother) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  const auto before = store_.Find("ES256").key;
  Publish({SigningKey::FromPem(next_.ToPem().value(), "ES256").value()});
  Turn(absl::Minutes(5));
  EXPECT_TRUE(Has("ES256"));
  EXPECT_NE(store_.Find("ES256").key, before);
  EXPECT_FALSE(store_.Holds(*before));
}

TEST_F(KeyStoreTest, SaysNoOnlyWhenTheNextSetLacksTheKeyToo) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  EXPECT_EQ(store_.Find("strange").retry_after, absl::Seconds(11));
  EXPECT_EQ(Turn(absl::Seconds(4)), 0);
  EXPECT_EQ(store_.Find("strange").retry_after, absl::Seconds(7));
  EXPECT_EQ(Turn(absl::Seconds(6)), 1);
  EXPECT_FALSE(MayCome("strange"));
  EXPECT_TRUE(MayCome("another")) << "it came after the set";
  // After a minute it is asked for anew.
  Turn(absl::Minutes(1));
  EXPECT_TRUE(MayCome("strange"));
}

// However many unknown keys are named, in however many words.
TEST_F(KeyStoreTest, FetchesAtMostOnceInTenSeconds) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  int fetched = 0;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_FALSE(Has(("kid-" + std::to_string(second * 50 + i)).c_str()));
    }
    fetched += Turn(absl::Seconds(1));
  }
  EXPECT_EQ(fetched, 10);
  EXPECT_TRUE(Has("ES256"));
}

TEST_F(KeyStoreTest, KeepsTheLastGoodSetThroughAnOutage) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  server_.Break(true);
  CaptureStderr();
  log::Start("veille-test", log::Level::kInfo);
  EXPECT_EQ(Turn(absl::Minutes(5)), 1);
  const std::string said = GetCapturedStderr();
  EXPECT_THAT(last_, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(said, ::testing::HasSubstr("not refreshed issuer=https://login.example/veille"));
  EXPECT_THAT(said, ::testing::HasSubstr("keys_kept=1"));
  EXPECT_TRUE(Has("ES256"));
  // A key that is not known may come when the provider is back: that is no refusal.
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(MayCome("spare"));
    Turn(absl::Seconds(10));
  }
  server_.Break(false);
  Publish({first_, next_});
  EXPECT_TRUE(MayCome("spare"));
  Turn(absl::Seconds(10));
  EXPECT_TRUE(Has("spare"));
}

TEST_F(KeyStoreTest, KeepsTheLastGoodSetWhenTheNextIsNone) {
  Publish({first_});
  Turn(absl::ZeroDuration());
  for (const char* text : {"<html>Maintenance</html>", R"({"keys": []})"}) {
    server_.Publish("keys", text);
    EXPECT_EQ(Turn(absl::Minutes(5)), 1);
    EXPECT_THAT(last_, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_TRUE(Has("ES256"));
  }
  Publish({first_});
  EXPECT_EQ(Turn(absl::Seconds(20)), 1) << "what failed is tried again soon";
  EXPECT_THAT(last_, IsOk());
  EXPECT_EQ(Turn(absl::Minutes(4)), 0) << "and what did not is not";
}

TEST_F(KeyStoreTest, TriesAgainEverMoreSlowly) {
  server_.Break(true);
  std::vector<int> at;
  for (int second = 0; second < 1000; ++second) {
    if (Turn(absl::Seconds(1)) > 0) at.push_back(second);
  }
  EXPECT_THAT(at, ::testing::ElementsAre(0, 10, 30, 70, 150, 310, 610, 910));
  EXPECT_TRUE(MayCome("ES256")) << "nothing was ever fetched";
  server_.Break(false);
  Publish({first_});
  EXPECT_EQ(Turn(absl::Seconds(10)), 1) << "a token asks for it";
  EXPECT_TRUE(Has("ES256"));
}

TEST(VerifierTest, WhoCannotBeCheckedYetHearsWhenToComeAgain) {
  World world;
  world.server.Break(true);
  VerifierOptions options;
  options.fetcher = world.server.Fetcher();
  const auto verifier = Verifier::Start({IssuerNamed(kIssuer)}, world.clock, options).value();
  const auto checked = verifier->Verify(GoodToken(world, Algorithm::kEs256), world.now);
  EXPECT_THAT(checked, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(checked, ReasonIs(common::v1::ERROR_REASON_KEYS_UNAVAILABLE));
  EXPECT_TRUE(errors::RetryDelayOf(checked.status()).has_value());
}

}  // namespace
}  // namespace veille::tokens
