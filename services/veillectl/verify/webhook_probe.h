#pragma once

// Posts notices to a webhook as the service would, and as nobody should, and tells what is wrong
// with the answers. What it posts is marked as a test.

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/web/caller.h"
#include "common/web/webhook_key.h"
#include "veille/partner/v1/referral_inbox_service.pb.h"
#include "veillectl/verify/verdict.h"

namespace veille::veillectl {

struct WebhookProbe {
  web::Caller& caller;
  std::string url;
  std::optional<web::WebhookKey> key;  // that signs; without it only wrong signatures are tried
  partner::v1::DeliverReferralRequest notice;
  absl::Duration limit = absl::Seconds(10);  // of each answer: the service's
};

// In the order in which a developer puts things right: whoever cannot be reached is asked nothing
// more. Takes as long as the answers.
Verdicts Probe(const WebhookProbe& probe);

}  // namespace veille::veillectl
