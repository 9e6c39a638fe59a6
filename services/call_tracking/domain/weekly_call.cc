#include "call_tracking/domain/weekly_call.h"

#include <algorithm>

#include "absl/time/civil_time.h"
#include "call_tracking/domain/call_hours.h"

namespace veille::call_tracking {
namespace {

// The slot of so many days later, at the same time of day whatever the clocks did meanwhile.
absl::Time SlotAfter(absl::CivilMinute first, int64_t days, absl::TimeZone zone) {
  const absl::CivilDay day = absl::CivilDay(first) + days;
  return absl::FromCivil(
      absl::CivilMinute(day.year(), day.month(), day.day(), first.hour(), first.minute()), zone);
}

}  // namespace

std::optional<absl::Time> NextWeeklyCall(const WeeklyCall& weekly, const CampaignDraft& campaign,
                                         absl::TimeZone zone, absl::Time after) {
  const int interval = campaign.weekly.interval_days;
  const absl::CivilMinute first = absl::ToCivilMinute(weekly.start_time, zone);
  const int64_t passed = absl::ToCivilDay(after, zone) - absl::CivilDay(first);
  int64_t days = std::max<int64_t>(1, passed / interval) * interval;
  absl::Time slot = SlotAfter(first, days, zone);
  while (slot <= after) slot = SlotAfter(first, days += interval, zone);
  const CallSpan span =
      CurrentOrNextSpan(campaign.call_hours, campaign.start_time, campaign.end_time, zone, slot);
  if (span.from >= span.until) return std::nullopt;
  return std::max(slot, span.from);
}

}  // namespace veille::call_tracking
