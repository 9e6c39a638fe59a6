// The samples of a partner that is told by webhook, each language against real services over TLS.

#include "common/async/sync_wait.h"
#include "common/web/caller.h"
#include "common/web/webhook_key.h"
#include "e2e/clients_fixture.h"

namespace veille::e2e {
namespace {

namespace ref = ::veille::referral::v1;
namespace com = ::veille::common::v1;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using web::WebhookKey;

class WebhookClientsTest : public ClientsTest {
 protected:
  std::string Url() const { return absl::StrCat("https://", inbox_address_, "/veille"); }

  // What the partner's machine answers to a notice that is signed so.
  int Post(const WebhookKey& key, absl::Time time) const {
    web::CallerOptions options;
    options.policy = web::AddressPolicy::Parse("127.0.0.0/8", "1-65535").value();
    options.authorities = authority().Path("authority.pem");
    web::Caller caller(std::move(options));
    web::Request request{Url(), {}, R"({"type":"referral.assigned","data":{}})"};
    request.headers = web::SignedHeaders({key}, NewId(), time, request.body).value();
    const auto response =
        async::SyncWait(caller.Post(std::move(request), absl::Now() + kPatience, {}));
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->status : 0;
  }
};

TEST_P(WebhookClientsTest, APartnerIsToldVerifiesFetchesAcceptsAndCloses) {
  const auto registered = Register(Url());
  ASSERT_EQ(registered.partner().channel(), ref::PARTNER_CHANNEL_WEBHOOK);
  const auto inbox = StartWebhook(registered.signing_key().key());
  const auto created = CreateReferral(*programme_, story_.landlord_id, "31555");
  ASSERT_THAT(created, IsOk());

  const ref::Referral referral = AwaitCompleted();
  EXPECT_EQ(referral.referral_id(), *created);
  EXPECT_EQ(referral.outcome(), com::REFERRAL_OUTCOME_HELPED);
  ASSERT_EQ(referral.assignments_size(), 1);
  EXPECT_TRUE(referral.assignments(0).has_receive_time());
  EXPECT_TRUE(referral.assignments(0).has_accept_time());
  const auto events = End(*inbox, *created);
  EXPECT_THAT(events, Contains("received"));
  EXPECT_THAT(events, ActedOnce());
}

TEST_P(WebhookClientsTest, WhatIsNotSignedWithItsKeyOrIsOldIsRefused) {
  const auto registered = Register(Url());
  const auto key = WebhookKey::Parse(registered.signing_key().key());
  ASSERT_THAT(key, IsOk());
  const auto inbox = StartWebhook(key->Secret());
  const auto other = WebhookKey::Generate(WebhookKey::Algorithm::kHmacSha256);
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(Post(*other, absl::Now()), 401);
  EXPECT_EQ(Post(*key, absl::Now() - absl::Minutes(6)), 401);
  EXPECT_EQ(Post(*key, absl::Now() + absl::Minutes(6)), 401);
  inbox->Kill(SIGTERM);
  EXPECT_EQ(inbox->ReadAll(), "");
}

TEST_P(WebhookClientsTest, VerifyFindsNothingToPutRightAndSwitchesItOn) {
  const auto registered = Register(Url(), /*on_trial=*/true);
  ASSERT_EQ(registered.partner().state(), ref::PARTNER_STATE_TESTING);
  const std::string key = registered.signing_key().key();
  const auto inbox = StartWebhook(key);
  const Result verified = Verify({"--key-file", folder_.Write("webhook.key", key + "\n")});
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("OK  the case is fetched"));
  EXPECT_THAT(verified.output, HasSubstr("OK  the case is accepted"));
  EXPECT_THAT(verified.output, HasSubstr("OK  the same webhook-id again is taken"));
  EXPECT_THAT(verified.output, HasSubstr("OK  the partner is active"));
}

TEST_P(WebhookClientsTest, VerifyTellsThatTheKeyIsAnother) {
  const auto registered = Register(Url(), /*on_trial=*/true);
  const auto other = WebhookKey::Generate(WebhookKey::Algorithm::kHmacSha256);
  ASSERT_THAT(other, IsOk());
  const auto inbox = StartWebhook(other->Secret());
  const Result verified = Verify({});
  EXPECT_EQ(verified.code, 1) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("NO  the service's notice arrives and is acknowledged\n"
                                         "      it was refused (HTTP 401)"));
  EXPECT_THAT(verified.output, HasSubstr("OK  what another key signed is refused"));
  EXPECT_THAT(verified.output, HasSubstr("NO  the partner is active"));
}

INSTANTIATE_TEST_SUITE_P(Languages, WebhookClientsTest, ::testing::ValuesIn(Languages()),
                         NameOfLanguage());

}  // namespace
}  // namespace veille::e2e
