// The chain over audit events, and the keys that sign it: what must stay as it is, since stored
// chains are verified by later releases.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "common/audit/chain.h"
#include "testing/status_matchers.h"

namespace veille::audit {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Of RFC 8032, section 7.1, test 1, in PEM.
constexpr char kPrivate[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

std::string PemOf(EVP_PKEY* key, bool is_private, const char* password = nullptr) {
  BIO* bio = BIO_new(BIO_s_mem());
  if (is_private) {
    PEM_write_bio_PrivateKey(bio, key, password == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr,
                             0, nullptr, const_cast<char*>(password));
  } else {
    PEM_write_bio_PUBKEY(bio, key);
  }
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(length));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}
EVP_PKEY* NewKey() { return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); }

ChainedEvent Sample() {
  return {.sequence = 7,
          .salt = *ids::Uuid::Parse("00112233-4455-6677-8899-aabbccddeeff"),
          .event = {.landlord = *ids::LandlordId::Parse("01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d"),
                    .id = *ids::Uuid::Parse("01931f61-2b77-7d10-a3e4-5c9d8e7f6a5b"),
                    .time = absl::FromUnixMicros(1584432000123456),
                    .actor_role = "coordinator",
                    .actor = "ada",
                    .method = "GetHousehold",
                    .object_kind = "household",
                    .object = *ids::Uuid::Parse("01931f62-0000-7000-8000-000000000001"),
                    .household = *ids::HouseholdId::Parse("01931f63-0000-7000-8000-000000000002"),
                    .purpose = "welfare call",
                    .reason = "tenant in danger",
                    .outcome = "done"}};
}

const Chain kChain = {"call-tracking",
                      *ids::LandlordId::Parse("01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d")};

// The values were computed by another program (Python's hashlib and the openssl command).
TEST(AuditChainTest, CommitmentsHeadsAndSignaturesStayAsTheyAre) {
  const auto keys = Keys::FromPem(kPrivate);
  ASSERT_THAT(keys, IsOk());
  std::vector<ChainedEvent> events = {Sample()};
  const Batch batch = MakeBatch(kChain, Genesis(kChain), absl::FromUnixMicros(1584432001000000),
                                keys->get(), events);
  EXPECT_EQ(events[0].sequence, 1);
  EXPECT_EQ(absl::BytesToHexString(CommitmentOf(Sample())),
            "e09e9f6fe14343be524becc98336203e5c6bac108c0c90d4aeb0e89b438de071");
  EXPECT_EQ(absl::BytesToHexString(Genesis(kChain).hash),
            "95b0df252ac8034d0f62ee12fc9ab9eee385ae36e9e1f71f4dbe60025ec7db9a");
  EXPECT_EQ(absl::BytesToHexString(batch.head.hash),
            "e53b6a9861b671132dc69164b180f06c4a82edf18965718124bc0148f983c708");
  EXPECT_EQ(batch.head.key_id, "21fe31dfa154a261");
  EXPECT_EQ(absl::BytesToHexString(batch.head.signature),
            "1e951c7a05bdd78b2afccdbb8bb278605d15adf4a0eda014b62136aeeaa08c50"
            "6fe15f16266687651d2aff9b0dc7957008191d040d988ec3be5a9959e618f003");
}

TEST(AuditChainTest, EachLandlordAndEachServiceHasAGenesisOfItsOwn) {
  Chain other = kChain;
  other.service = "referral";
  EXPECT_NE(Genesis(other).hash, Genesis(kChain).hash);
  other = kChain;
  other.landlord = ids::LandlordId::Random();
  EXPECT_NE(Genesis(other).hash, Genesis(kChain).hash);
}

TEST(AuditKeysTest, SignsAsTheStandardSaysAndVerifies) {
  const auto keys = *Keys::FromPem(kPrivate);
  const std::string signature = keys->Sign("");
  EXPECT_EQ(
      absl::BytesToHexString(signature),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(keys->Verify(keys->id(), "", signature));
  EXPECT_FALSE(keys->Verify(keys->id(), "x", signature));
  EXPECT_FALSE(keys->Verify("0123456789abcdef", "", signature));
  EXPECT_FALSE(keys->Verify(keys->id(), "", signature.substr(1)));
  EXPECT_FALSE(keys->Verify(keys->id(), "", ""));
}

TEST(AuditKeysTest, TakesOnePrivateKeyAndPublicOnesOfEarlierOnes) {
  EVP_PKEY* earlier = NewKey();
  EVP_PKEY_up_ref(earlier);
  const auto old_keys = *Keys::FromPem(PemOf(earlier, true));
  const auto keys = Keys::FromPem(kPrivate + PemOf(earlier, false));
  ASSERT_THAT(keys, IsOk());
  EXPECT_TRUE((*keys)->Verify(old_keys->id(), "message", old_keys->Sign("message")));
  EXPECT_NE((*keys)->id(), old_keys->id());
}

TEST(AuditKeysTest, AnythingElseIsRefused) {
  const std::string refused[] = {
      "",
      "no key",
      PemOf(NewKey(), false),
      std::string(kPrivate) + PemOf(NewKey(), true),
      PemOf(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), true),
      kPrivate + PemOf(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), false),
      PemOf(NewKey(), true, "secret"),
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
  for (const std::string& pem : refused) {
    EXPECT_THAT(Keys::FromPem(pem), StatusIs(absl::StatusCode::kInvalidArgument)) << pem;
  }
  EXPECT_THAT(Keys::FromFile("/nowhere/audit.key"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace veille::audit
