#include "referral/delivery/channel_webhook.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "referral/convert/webhook.h"
#include "referral/store/partner_key_store.h"

namespace veille::referral {
namespace {

// What the answer of a partner's server says about the push.
Answer AnswerOf(const web::Response& response) {
  if (response.status >= 200 && response.status < 300) {
    return {response.cut ? std::string() : ReceiptIn(response.body)};
  }
  const std::string what = absl::StrCat("the answer is HTTP ", response.status);
  if (response.status == 410) {
    return {absl::NotFoundError(what), absl::ZeroDuration(), true, response.status};
  }
  return {absl::UnavailableError(what), response.retry_after, false, response.status};
}

// No dot in it: the signature is over "id.timestamp.body".
std::string MessageId(const Claim& claim) {
  if (claim.message_number == 0) return claim.delivery.ToString();
  return absl::StrCat(claim.delivery.ToString(), "_", claim.message_number);
}

}  // namespace

async::Task<absl::StatusOr<std::vector<web::WebhookKey>>> WebhookChannel::KeysOf(
    const Claim& claim, absl::Time now, absl::Time deadline, std::stop_token stop) {
  auto keys = co_await database_.Read(
      {deadline, std::move(stop), {claim.landlord}},
      [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<web::WebhookKey>> {
        return PartnerKeyReader(tx, seal_, claim.landlord).Signing(claim.partner, now);
      });
  if (keys.ok() && keys->empty()) {
    co_return absl::FailedPreconditionError("the partner has no key that signs");
  }
  co_return keys;
}

async::Task<Answer> WebhookChannel::Send(const Claim& claim,
                                         const partner_pb::DeliverReferralRequest& notice,
                                         absl::Time deadline, std::stop_token stop) {
  const absl::Time now = clock_.Now();
  const auto keys = co_await KeysOf(claim, now, deadline, stop);
  if (!keys.ok()) co_return NotSent(keys.status());
  web::Request request{.url = claim.endpoint, .headers = {}, .body = ToWebhook(notice)};
  auto headers = web::SignedHeaders(*keys, MessageId(claim), now, request.body);
  if (!headers.ok()) co_return NotSent(headers.status());
  request.headers = *std::move(headers);
  request.headers.emplace_back("content-type: application/json");
  const auto response = co_await caller_.Post(std::move(request), deadline, std::move(stop));
  if (!response.ok()) co_return NotSent(response.status());
  co_return AnswerOf(*response);
}

}  // namespace veille::referral
