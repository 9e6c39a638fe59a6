#pragma once

// When a household that wants a call every week is called next. Pure.

#include <optional>

#include "absl/time/time.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/volunteer.h"

namespace veille::call_tracking {

// Whose weekly call it is, and when it was agreed to: that weekday and time of day, in the
// household's own time, is when it comes.
struct WeeklyCall {
  VolunteerId volunteer;
  absl::Time start_time;
  friend bool operator==(const WeeklyCall&, const WeeklyCall&) = default;
};

// The first slot after `after`, at least one interval after the weekly call was agreed to; a slot
// outside the call hours comes when they begin. However many weeks were missed, there is one next
// call. Absent when the campaign ends before.
std::optional<absl::Time> NextWeeklyCall(const WeeklyCall& weekly, const CampaignDraft& campaign,
                                         absl::TimeZone zone, absl::Time after);

}  // namespace veille::call_tracking
