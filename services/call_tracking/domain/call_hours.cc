#include "call_tracking/domain/call_hours.h"

#include <algorithm>

namespace veille::call_tracking {
namespace {

// From the day before `now` on, so many days see at least one window of every weekday, twice.
constexpr int kDays = 16;

absl::Time At(absl::CivilDay day, int minute, absl::TimeZone zone) {
  return absl::FromCivil(absl::CivilMinute(day) + minute, zone);
}

// The spans of the windows around `now`, in order, those that touch joined.
std::vector<CallSpan> SpansAround(const std::vector<CallWindow>& windows, absl::TimeZone zone,
                                  absl::Time now) {
  std::vector<CallSpan> spans;
  const absl::CivilDay first = absl::ToCivilDay(now, zone) - 1;
  for (absl::CivilDay day = first; day < first + kDays; ++day) {
    for (const CallWindow& window : windows) {
      if (static_cast<int>(absl::GetWeekday(day)) != window.weekday - 1) continue;
      spans.push_back({At(day, window.start_minute, zone), At(day, window.end_minute, zone)});
    }
  }
  std::sort(spans.begin(), spans.end(),
            [](const CallSpan& a, const CallSpan& b) { return a.from < b.from; });
  std::vector<CallSpan> joined;
  for (const CallSpan& span : spans) {
    if (!joined.empty() && span.from <= joined.back().until) {
      joined.back().until = std::max(joined.back().until, span.until);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

}  // namespace

CallSpan CurrentOrNextSpan(const std::vector<CallWindow>& windows, absl::Time start, absl::Time end,
                           absl::TimeZone zone, absl::Time now) {
  if (now >= end) return {end, end};
  if (windows.empty()) return {start, end};
  const absl::Time from = std::max(now, start);
  for (const CallSpan& span : SpansAround(windows, zone, from)) {
    if (span.until <= from) continue;
    const CallSpan clipped = {std::max(span.from, start), std::min(span.until, end)};
    if (clipped.from < clipped.until) return clipped;
  }
  return {end, end};
}

absl::TimeZone ZoneOf(const std::string& name) {
  absl::TimeZone zone;
  if (absl::LoadTimeZone(name, &zone)) return zone;
  if (absl::LoadTimeZone("Europe/Paris", &zone)) return zone;
  return absl::UTCTimeZone();
}

}  // namespace veille::call_tracking
