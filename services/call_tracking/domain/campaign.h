#pragma once

// A campaign: one purpose, one cohort, one script, one period.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/time/acknowledge_deadlines.h"

namespace veille::call_tracking {

using ScriptId = ids::Id<struct ScriptTag>;

// Numbered as in the contract and in the database.
enum class CampaignState { kDraft = 1, kOpening = 2, kRunning = 3, kPaused = 4, kClosed = 5 };

// Whom a campaign calls; the registry judges it.
struct CohortRule {
  int minimum_age = 0;
  absl::CivilDay reference_date;
  std::vector<std::string> commune_codes;  // empty means all
  std::vector<std::string> buildings;      // empty means all
};

// A span of one weekday, in the household's local time.
struct CallWindow {
  int weekday = 0;  // 1 Monday to 7 Sunday
  int start_minute = 0;
  int end_minute = 0;  // exclusive
  friend bool operator==(const CallWindow&, const CallWindow&) = default;
};

// What happens after an attempt with one disposition (numbered as in the contract).
struct RetryRule {
  int disposition = 0;
  absl::Duration delay;
  int maximum_attempts = 0;
  bool next_phone = false;
  friend bool operator==(const RetryRule&, const RetryRule&) = default;
};

// How the campaign stays with tenants who want a call every week.
struct WeeklyCadence {
  int interval_days = 7;
  absl::Duration grace = absl::Hours(2);  // so long a call that has come is its own volunteer's
  friend bool operator==(const WeeklyCadence&, const WeeklyCadence&) = default;
};

// What a coordinator gives.
struct CampaignDraft {
  std::string title;
  std::string purpose;
  CohortRule rule;
  ScriptId script;
  int script_version = 0;  // 0: the newest when the campaign is created
  absl::Time start_time;
  absl::Time end_time;
  std::vector<CallWindow> call_hours;  // empty means at any time
  std::vector<RetryRule> retry_rules;
  WeeklyCadence weekly;
  // How long partners have to accept what is shared; absent: as the referral service has it.
  std::optional<time::AcknowledgeDeadlines> deadlines = {};
};

struct LeftOutCounts {
  int64_t under_age = 0;
  int64_t objection = 0;
  int64_t no_valid_phone = 0;
};

struct Campaign {
  ids::CampaignId id;
  CampaignDraft draft;
  CampaignState state = CampaignState::kDraft;
  int64_t selected = 0;
  LeftOutCounts left_out;
  int64_t version = 1;
  absl::Time create_time;
  std::optional<absl::Time> open_time;  // when the cohort was frozen
};

// The steps that a coordinator takes. A step on a campaign that has taken it already changes
// nothing.
enum class CampaignStep { kOpen, kPause, kResume };

// The state after the step; nothing when the campaign's state does not allow it.
inline std::optional<CampaignState> After(CampaignState state, CampaignStep step) {
  const bool frozen = state == CampaignState::kRunning || state == CampaignState::kPaused;
  switch (step) {
    case CampaignStep::kOpen:
      if (state == CampaignState::kDraft) return CampaignState::kOpening;
      if (state == CampaignState::kOpening || state == CampaignState::kRunning) return state;
      return std::nullopt;
    case CampaignStep::kPause:
      return frozen ? std::optional(CampaignState::kPaused) : std::nullopt;
    case CampaignStep::kResume:
      return frozen ? std::optional(CampaignState::kRunning) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace veille::call_tracking
