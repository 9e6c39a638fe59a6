#pragma once

// Brings each change of a referral to call-tracking.

#include "common/outbox/relay.h"
#include "common/privacy/seal.h"
#include "referral/clients/calls_client.h"

namespace veille::referral {

// The sender of the topic kUpdateTopic. Seal and client outlive the relay.
outbox::Sender UpdateSender(const privacy::Seal& seal, CallsClient& calls);

}  // namespace veille::referral
