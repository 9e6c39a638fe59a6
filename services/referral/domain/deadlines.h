#pragma once

#include <string>

#include "absl/time/time.h"
#include "common/time/acknowledge_deadlines.h"
#include "referral/domain/words.h"

namespace veille::referral {

// Where a household lives, as far as deadlines depend on it.
struct Place {
  std::string commune;    // INSEE code
  std::string time_zone;  // IANA name, known to be one
};

// What the deadlines of a referral depend on.
struct Terms {
  Place place;
  Need need = Need::kOther;
  Urgency urgency = Urgency::kRoutine;
  time::AcknowledgeDeadlines deadlines = {};  // that it was created under
};

// The mayor acknowledges a request for an entry in the register within eight days (décret
// n° 2004-926 of 1 September 2004): holidays count, and no campaign can say otherwise.
inline constexpr int kRegisterDays = 8;

// Until when a person at the partner must have accepted what it was told of at `from`: an EMERGENCY
// by the clock, at whatever hour; PRIORITY and ROUTINE in working time at the place; an entry in
// the town hall's register in kRegisterDays, however urgent.
absl::Time AcknowledgeDeadline(const Terms& terms, absl::Time from);

// When the next step is taken with a referral whose deadline has passed: after as long again, but
// an entry in a register, which has waited for days, in working time.
absl::Time NextStep(const Terms& terms, absl::Time from);

// When a referral is looked at again that nobody has accepted and a coordinator knows of: in
// working time, an emergency and an entry in a register too, since a person has it in hand.
absl::Time NextLook(const Terms& terms, absl::Time from);

// Until when somebody who accepted, or said at `from` that it is at work, should have said more;
// then a coordinator asks. In working time at the place: 1 day for an EMERGENCY, 5 days for
// PRIORITY, 10 days for ROUTINE and for an entry in a register.
absl::Time OutcomeDeadline(const Terms& terms, absl::Time from);

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
