#include "veillectl/commands/campaign_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/names.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

absl::Status NoCallHours(const std::string& text) {
  return UsageError(absl::StrCat("'", text,
                                 "' are no call hours: write \"mon-fri 09:00-12:00\", \"sat,sun "
                                 "10:00-12:00\" or \"daily 08:30-19:00\""));
}

absl::Status NoRetryRule(const std::string& text) {
  return UsageError(absl::StrCat("'", text,
                                 "' is no retry rule: write DISPOSITION:DELAY:TIMES or "
                                 "DISPOSITION:DELAY:TIMES:next-phone, such as "
                                 "no-answer:4h:5:next-phone"));
}

// From 0, Monday.
std::optional<int> CampaignOptionDayOf(const std::string& name) {
  const auto found = std::find(kDays.begin(), kDays.end(), absl::AsciiStrToLower(name));
  if (found == kDays.end()) return std::nullopt;
  return static_cast<int>(found - kDays.begin());
}

// "mon-fri", "sat,sun", "daily".
std::optional<std::vector<int>> DaysOf(const std::string& text) {
  std::vector<int> days;
  for (const std::string& part : std::vector<std::string>(
           absl::StrSplit(absl::AsciiStrToLower(text) == "daily" ? "mon-sun" : text, ','))) {
    const std::vector<std::string> ends = absl::StrSplit(part, '-');
    const auto first = CampaignOptionDayOf(ends.front());
    const auto last = CampaignOptionDayOf(ends.back());
    if (ends.size() > 2 || !first.has_value() || !last.has_value() || *last < *first) {
      return std::nullopt;
    }
    for (int day = *first; day <= *last; ++day) days.push_back(day);
  }
  return days;
}

// "09:30" as minutes since midnight; 24:00 is the end of the day.
std::optional<int> MinuteOf(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  int hour = 0;
  int minute = 0;
  if (parts.size() != 2 || parts[1].size() != 2 || !absl::SimpleAtoi(parts[0], &hour) ||
      !absl::SimpleAtoi(parts[1], &minute) || hour < 0 || minute < 0 || minute > 59 ||
      hour * 60 + minute > 24 * 60) {
    return std::nullopt;
  }
  return hour * 60 + minute;
}

bool ParseDelay(const std::string& text, google::protobuf::Duration* proto) {
  absl::Duration delay;
  if (!absl::ParseDuration(text, &delay) || delay < absl::ZeroDuration()) return false;
  proto->set_seconds(absl::ToInt64Seconds(delay));
  proto->set_nanos(static_cast<int32_t>((delay % absl::Seconds(1)) / absl::Nanoseconds(1)));
  return true;
}

}  // namespace

absl::Status AddCallHours(const std::string& text, calls::v1::Campaign& campaign) {
  const std::vector<std::string> parts = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (parts.size() != 2) return NoCallHours(text);
  const auto days = DaysOf(parts[0]);
  const std::pair<std::string, std::string> hours = absl::StrSplit(parts[1], '-');
  const auto start = MinuteOf(hours.first);
  const auto end = MinuteOf(hours.second);
  if (!days.has_value() || !start.has_value() || !end.has_value() || *end <= *start) {
    return NoCallHours(text);
  }
  for (const int day : *days) {
    auto& window = *campaign.add_call_hours();
    window.set_weekday(static_cast<common::v1::Weekday>(day + 1));
    window.set_start_minute(*start);
    window.set_end_minute(*end);
  }
  return absl::OkStatus();
}

absl::Status SetRetryRule(const std::string& text, calls::v1::Campaign& campaign) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  calls::v1::RetryRule rule;
  int times = 0;
  if (parts.size() < 3 || parts.size() > 4 || !ParseDelay(parts[1], rule.mutable_delay()) ||
      !absl::SimpleAtoi(parts[2], &times) || (parts.size() == 4 && parts[3] != "next-phone")) {
    return NoRetryRule(text);
  }
  rule.set_disposition(ValueOf<calls::v1::Disposition>(parts[0]));
  if (rule.disposition() == calls::v1::DISPOSITION_UNSPECIFIED) return NoRetryRule(text);
  rule.set_maximum_attempts(times);
  rule.set_next_phone(parts.size() == 4);
  for (calls::v1::RetryRule& known : *campaign.mutable_retry_rules()) {
    if (known.disposition() != rule.disposition()) continue;
    known = std::move(rule);
    return absl::OkStatus();
  }
  *campaign.add_retry_rules() = std::move(rule);
  return absl::OkStatus();
}

absl::Status SetWeeklyGrace(const std::string& text, calls::v1::Campaign& campaign) {
  if (ParseDelay(text, campaign.mutable_weekly_cadence()->mutable_grace())) return absl::OkStatus();
  return UsageError("--weekly-grace takes a duration such as 2h or 30m");
}

absl::Status SetEmergencyDeadline(const std::string& text, calls::v1::Campaign& campaign) {
  auto& deadlines = *campaign.mutable_acknowledge_deadlines();
  if (ParseDelay(text, deadlines.mutable_emergency())) return absl::OkStatus();
  return UsageError("--emergency-deadline takes a duration such as 10m or 1h");
}

absl::Status SetPriorityDeadline(const std::string& text, calls::v1::Campaign& campaign) {
  auto& deadlines = *campaign.mutable_acknowledge_deadlines();
  if (ParseDelay(text, deadlines.mutable_priority())) return absl::OkStatus();
  return UsageError("--priority-deadline takes a duration of working time such as 2h or 90m");
}

absl::Status SetReferenceDate(const std::string& text, calls::v1::Campaign& campaign) {
  ASSIGN_OR_RETURN(*campaign.mutable_cohort_rule()->mutable_reference_date(),
                   ParseDay("--reference-date", text));
  return absl::OkStatus();
}

std::string InWords(const common::v1::TimeWindow& window) {
  const int day = std::clamp<int>(window.weekday(), 1, 7);
  return absl::StrFormat("%s %02d:%02d-%02d:%02d", kDays[static_cast<size_t>(day - 1)],
                         window.start_minute() / 60, window.start_minute() % 60,
                         window.end_minute() / 60, window.end_minute() % 60);
}

std::string InWords(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                              absl::Nanoseconds(duration.nanos()));
}

std::string InWords(const common::v1::AcknowledgeDeadlines& deadlines) {
  return absl::StrCat("an emergency within ", InWords(deadlines.emergency()), ", priority within ",
                      InWords(deadlines.priority()), " of working time, routine within ",
                      deadlines.routine_working_days(), " working days");
}

std::string InWords(const calls::v1::RetryRule& rule) {
  return absl::StrCat(NameOf(rule.disposition()), ": after ", InWords(rule.delay()), ", ",
                      rule.maximum_attempts(), " times at most",
                      rule.next_phone() ? ", the next phone" : ", the same phone");
}

}  // namespace veille::veillectl
