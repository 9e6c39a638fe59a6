#pragma once

// What a partner's developer is told about the push of a test.

#include "referral/delivery/channel.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

// In words of our own: a status, a code or what libcurl says, never the text of an answer.
TestResult ResultOf(const Claim& claim, const Answer& answer);

}  // namespace veille::referral
