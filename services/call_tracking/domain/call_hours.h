#pragma once

// When households of one time zone may be called: the call hours of the campaign, in local time,
// within its period.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/campaign.h"

namespace veille::call_tracking {

struct CallSpan {
  absl::Time from;
  absl::Time until;  // exclusive
  friend bool operator==(const CallSpan&, const CallSpan&) = default;
};

// The span that `now` lies in, or the next one: its `until` is after `now` unless the campaign is
// over (then an empty span at its end). Windows that touch are one span, also across midnight and
// changes of the clock. No windows means always.
CallSpan CurrentOrNextSpan(const std::vector<CallWindow>& windows, absl::Time start, absl::Time end,
                           absl::TimeZone zone, absl::Time now);

// The zone of an IANA name; Europe/Paris, where the programme calls, when the name is not known
// here.
absl::TimeZone ZoneOf(const std::string& name);

}  // namespace veille::call_tracking
