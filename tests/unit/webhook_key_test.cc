// Signatures of webhooks, held to what the published libraries of Standard Webhooks are held to.

#include "common/web/webhook_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/status_matchers.h"

namespace veille::web {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using Algorithm = WebhookKey::Algorithm;

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kBody[] = R"({"test": 2432232314})";
const absl::Time kTime = absl::FromUnixSeconds(1614265330);

// The key of the first example of RFC 8032, and what another library (Node's) signs with it.
constexpr char kPair[] =
    "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==";
constexpr char kSeed[] = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
constexpr char kPublic[] = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
constexpr char kEd25519Signature[] =
    "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==";

// libraries/javascript/src/webhook.test.ts, and the same in those for Go, Python, Ruby and others.
TEST(WebhookKeyTest, SignsAsThePublishedLibrariesDo) {
  const auto key = WebhookKey::Parse(kSecret);
  ASSERT_THAT(key, IsOk());
  const auto signature = key->Sign(kId, kTime, kBody);
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// libraries/rust/src/lib.rs
TEST(WebhookKeyTest, SignsAsThePublishedRustLibraryDoes) {
  const auto key = WebhookKey::Parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
  ASSERT_THAT(key, IsOk());
  const auto signature =
      key->Sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", absl::FromUnixSeconds(1649367553),
                R"({"email":"test@example.com","username":"test_user"})");
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(*signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
}

TEST(WebhookKeyTest, SignsWithAKeyPair) {
  for (const char* text : {kPair, kSeed}) {
    const auto key = WebhookKey::Parse(text);
    ASSERT_THAT(key, IsOk());
    EXPECT_EQ(key->algorithm(), Algorithm::kEd25519);
    EXPECT_EQ(key->Secret(), kPair);
    EXPECT_EQ(key->ForPartner(), kPublic);
    const auto signature = key->Sign(kId, kTime, kBody);
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(*signature, kEd25519Signature);
  }
}

TEST(WebhookKeyTest, WritesTheThreeHeaders) {
  const std::vector<WebhookKey> keys = {WebhookKey::Parse(kSecret).value(),
                                        WebhookKey::Parse(kPair).value()};
  const auto headers = SignedHeaders(keys, kId, kTime, kBody);
  ASSERT_THAT(headers, IsOk());
  EXPECT_THAT(
      *headers,
      ElementsAre("webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                  std::string("webhook-signature: "
                              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= ") +
                      kEd25519Signature));
}

TEST(WebhookKeyTest, MakesKeysThatAreAllDifferent) {
  for (const Algorithm algorithm : {Algorithm::kHmacSha256, Algorithm::kEd25519}) {
    const auto one = WebhookKey::Generate(algorithm);
    const auto other = WebhookKey::Generate(algorithm);
    ASSERT_THAT(one, IsOk());
    ASSERT_THAT(other, IsOk());
    EXPECT_NE(one->Secret(), other->Secret());
    EXPECT_NE(one->ForPartner(), other->ForPartner());
    const auto again = WebhookKey::Parse(one->Secret());
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again->Sign("a", kTime, "b"), *one->Sign("a", kTime, "b"));
  }
  const auto pair = WebhookKey::Generate(Algorithm::kEd25519);
  EXPECT_THAT(pair->Secret(), StartsWith("whsk_"));
  EXPECT_THAT(pair->ForPartner(), StartsWith("whpk_"));
}

TEST(WebhookKeyTest, TakesNothingElseForAKey) {
  for (const char* text :
       {"", "whsec_", "whsk_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILA==",
        "whsec_***", "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "whsk_MfKQ9r8GKYqrTwjU",
        // a pair whose halves do not belong together
        "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/"
        "tPJZAc6DuFy89qmIyWvAhpo9wdRGw=="}) {
    EXPECT_THAT(WebhookKey::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  EXPECT_FALSE(WebhookKey::Parse("whsec_" + std::string(120, 'A')).ok());
}

}  // namespace
}  // namespace veille::web
