#include "referral/domain/deadlines.h"

#include <algorithm>
#include <cstdint>

#include "referral/domain/working_time.h"

namespace veille::referral {
namespace {

// From half of `first` on, twice as long each time, to `longest`; the upper half of each is chance.
absl::Duration Backoff(absl::Duration first, absl::Duration longest, int times, double chance) {
  const int doublings = std::clamp(times - 1, 0, 12);
  return std::min(longest, first * (int64_t{1} << doublings)) * (0.5 + chance / 2);
}

absl::TimeZone ZoneOf(const Place& place) {
  absl::TimeZone zone;
  absl::LoadTimeZone(place.time_zone, &zone);  // UTC should the system have lost it
  return zone;
}

}  // namespace

absl::Time AcknowledgeDeadline(const Terms& terms, absl::Time from) {
  if (terms.need == Need::kMunicipalRegister) {
    return AddCalendarDays(from, kRegisterDays, ZoneOf(terms.place));
  }
  if (terms.urgency == Urgency::kEmergency) return from + terms.deadlines.emergency;
  return NextLook(terms, from);
}

absl::Time NextStep(const Terms& terms, absl::Time from) {
  return terms.need == Need::kMunicipalRegister ? NextLook(terms, from)
                                                : AcknowledgeDeadline(terms, from);
}

absl::Time NextLook(const Terms& terms, absl::Time from) {
  const absl::Duration working = terms.urgency == Urgency::kRoutine
                                     ? terms.deadlines.routine_working_days * WorkingDay()
                                     : terms.deadlines.priority;
  return AddWorkingTime(from, working, ZoneOf(terms.place), terms.place.commune);
}

absl::Time OutcomeDeadline(const Terms& terms, absl::Time from) {
  int days = 10;
  if (terms.need != Need::kMunicipalRegister) {
    if (terms.urgency == Urgency::kEmergency) days = 1;
    if (terms.urgency == Urgency::kPriority) days = 5;
  }
  return AddWorkingTime(from, days * WorkingDay(), ZoneOf(terms.place), terms.place.commune);
}

absl::Duration RetryDelay(int tries, double chance) {
  return Backoff(absl::Seconds(10), absl::Hours(1), tries, chance);
}

absl::Duration RestLength(int failures, double chance) {
  return Backoff(absl::Seconds(10), absl::Minutes(5), failures, chance);
}

}  // namespace veille::referral
