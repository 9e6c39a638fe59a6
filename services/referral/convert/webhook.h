#pragma once

// Notices as they are posted to webhooks, and what the answers say.

#include <string>

#include "veille/partner/v1/referral_inbox_service.pb.h"

namespace veille::referral {

// {"type": "referral.assigned" | "referral.withdrawn", "data": the notice}
std::string ToWebhook(const ::veille::partner::v1::DeliverReferralRequest& notice);

// The partner's own number in the body of an answer, which is a DeliverReferralResponse or anything
// else; empty when there is none that can be kept.
std::string ReceiptIn(const std::string& body);

}  // namespace veille::referral
