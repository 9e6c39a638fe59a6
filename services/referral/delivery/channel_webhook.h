#pragma once

// Posts notices to partners' webhooks, signed as the Standard Webhooks specification says:
//
//   webhook-id: the message's: the same in all its tries, and another for whatever more the
//   delivery
//               says later, a withdrawal above all, since a receiver drops what it knows
//   {"type": "referral.assigned", "data": {"deliveryId": …, "referralId": …, "need": …, …}}
//
// `data` is a DeliverReferralRequest in protobuf's JSON; the type is "referral.withdrawn" when the
// partner has the referral no more.
//
//   2xx                   the receipt of the partner's machine; no person has accepted anything
//   410                   nobody takes notices there, and nobody will
//   any other, or none    tried again, after Retry-After where it says so
//   the address is refused, or there is no key: a person must act

#include "common/db/database.h"
#include "common/privacy/seal.h"
#include "common/time/clock.h"
#include "common/web/caller.h"
#include "common/web/webhook_key.h"
#include "referral/delivery/channel.h"

namespace veille::referral {

// Thread-safe; owned by main, outlives the engine. What it is given outlives it.
class WebhookChannel final : public Channel {
 public:
  WebhookChannel(db::Database& database, const privacy::Seal& seal, const time::Clock& clock,
                 web::Caller& caller)
      : database_(database), seal_(seal), clock_(clock), caller_(caller) {}

  async::Task<Answer> Send(const Claim& claim, const partner_pb::DeliverReferralRequest& notice,
                           absl::Time deadline, std::stop_token stop) override;

 private:
  async::Task<absl::StatusOr<std::vector<web::WebhookKey>>> KeysOf(const Claim& claim,
                                                                   absl::Time now,
                                                                   absl::Time deadline,
                                                                   std::stop_token stop);

  db::Database& database_;
  const privacy::Seal& seal_;
  const time::Clock& clock_;
  web::Caller& caller_;
};

}  // namespace veille::referral
