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

}  // namespace

absl::Time AcknowledgeDeadline(Urgency urgency, absl::Time from, const Place& place) {
  if (urgency == Urgency::kEmergency) return from + absl::Minutes(15);
  const absl::Duration working = urgency == Urgency::kPriority ? absl::Hours(4) : 2 * WorkingDay();
  absl::TimeZone zone;
  absl::LoadTimeZone(place.time_zone, &zone);  // UTC should the system have lost it
  return AddWorkingTime(from, working, zone, place.commune);
}

absl::Time NextLook(Urgency urgency, absl::Time from, const Place& place) {
  return AcknowledgeDeadline(std::min(urgency, Urgency::kPriority), from, place);
}

absl::Duration RetryDelay(int tries, double chance) {
  return Backoff(absl::Seconds(10), absl::Hours(1), tries, chance);
}

absl::Duration RestLength(int failures, double chance) {
  return Backoff(absl::Seconds(10), absl::Minutes(5), failures, chance);
}

}  // namespace veille::referral
