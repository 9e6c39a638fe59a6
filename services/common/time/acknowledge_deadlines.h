#pragma once

#include "absl/time/time.h"

namespace veille::time {

// Of working time: Monday to Friday, 9 to 12 and 14 to 17.
inline constexpr absl::Duration kWorkingDay = absl::Hours(6);

// How long the people at a partner have to accept a referral, by its urgency. What a campaign does
// not say is as here.
struct AcknowledgeDeadlines {
  absl::Duration emergency = absl::Minutes(15);  // by the clock, at any hour
  absl::Duration priority = absl::Hours(4);      // of working time
  int routine_working_days = 2;
  friend bool operator==(const AcknowledgeDeadlines&, const AcknowledgeDeadlines&) = default;
};

}  // namespace veille::time
