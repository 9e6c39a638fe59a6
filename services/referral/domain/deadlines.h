#pragma once

#include <string>

#include "absl/time/time.h"
#include "referral/domain/words.h"

namespace veille::referral {

// Where a household lives, as far as deadlines depend on it.
struct Place {
  std::string commune;    // INSEE code
  std::string time_zone;  // IANA name, known to be one
};

// Until when a person at the partner must have accepted what it was told of at `from`: EMERGENCY
// 15 minutes, at whatever hour; PRIORITY 4 hours and ROUTINE 2 days of working time at the place.
absl::Time AcknowledgeDeadline(Urgency urgency, absl::Time from, const Place& place);

// When a referral is looked at again that nobody has accepted and a coordinator knows of: in
// working time, an emergency too, since a person has it in hand.
absl::Time NextLook(Urgency urgency, absl::Time from, const Place& place);

// When a delivery that failed is tried again: growing from 5 s to an hour, for ever, since a social
// centre may be closed for a long week-end. `tries` counts those made, from 1; `chance` in [0, 1)
// spreads the tries of many.
absl::Duration RetryDelay(int tries, double chance);

// How long a partner is left alone that failed again and again: growing from 5 s to five minutes,
// so that one which is back is not kept waiting. `failures` counts the rests in a row, from 1.
absl::Duration RestLength(int failures, double chance);

// What a partner asks for is obeyed up to here: a mistake must not silence it for ever.
inline constexpr absl::Duration kLongestAskedRest = absl::Hours(24);

// After so many failed tries in a row a coordinator is told, once; the tries go on.
inline constexpr int kTriesBeforeWorklist = 8;

}  // namespace veille::referral
