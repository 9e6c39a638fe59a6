#include "referral/domain/deadlines.h"

#include <algorithm>
#include <cstdint>

#include "referral/domain/working_time.h"

namespace veille::referral {

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
  const int doublings = std::clamp(tries - 1, 0, 12);
  const absl::Duration full =
      std::min(absl::Hours(1), absl::Seconds(1) * (int64_t{1} << doublings));
  return full * (0.5 + chance / 2);
}

}  // namespace veille::referral
