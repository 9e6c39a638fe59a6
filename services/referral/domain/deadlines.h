#pragma once

#include "absl/time/time.h"
#include "referral/domain/words.h"

namespace veille::referral {

// How long a person at the partner may take to accept.
absl::Duration AcknowledgeTime(Urgency urgency);

// When a delivery that failed is tried again: growing from 1 s to an hour, for ever, since a social
// centre may be closed for a long week-end. `tries` counts those made, from 1; `chance` in [0, 1)
// spreads the tries of many.
absl::Duration RetryDelay(int tries, double chance);

// After so many failed tries in a row a coordinator is told, once; the tries go on.
inline constexpr int kTriesBeforeWorklist = 8;

}  // namespace veille::referral
