#include "referral/domain/deadlines.h"

#include <algorithm>
#include <cstdint>

namespace veille::referral {

absl::Duration AcknowledgeTime(Urgency urgency) {
  switch (urgency) {
    case Urgency::kEmergency:
      return absl::Minutes(15);
    case Urgency::kPriority:
      return absl::Hours(4);
    case Urgency::kRoutine:
      return absl::Hours(48);
  }
  return absl::Hours(48);
}

absl::Duration RetryDelay(int tries, double chance) {
  const int doublings = std::clamp(tries - 1, 0, 12);
  const absl::Duration full =
      std::min(absl::Hours(1), absl::Seconds(1) * (int64_t{1} << doublings));
  return full * (0.5 + chance / 2);
}

}  // namespace veille::referral
