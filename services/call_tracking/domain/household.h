#pragma once

// Where a household stands in a campaign, and how an attempt moves it on. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"

namespace veille::call_tracking {

// What the attempts so far came to; sealed at rest.
struct Progress {
  std::map<Disposition, int> attempts;  // by how they ended
  bool reached = false;                 // a tenant or a proxy answered
  bool completed = false;               // the script was followed to its end
  bool refused = false;                 // ended by refusal or objection
  bool weekly = false;                  // a weekly call was found and agreed to
  friend bool operator==(const Progress&, const Progress&) = default;
};

std::string Encode(const Progress& progress);
std::optional<Progress> DecodeProgress(std::string_view text);

struct HouseholdStanding {
  HouseholdState state = HouseholdState::kPending;
  WaitReason wait = WaitReason::kFirst;  // while PENDING
  int attempts = 0;
  std::vector<std::string> phone_hashes;  // that can be dialled, in order
  std::string phone_hash;                 // the next; empty: none left
  std::optional<absl::Time> next_attempt_time;
  bool objection = false;
  DecisionReason decision = DecisionReason::kNone;
  Progress progress;
};

struct AttemptEnd {
  Disposition disposition = Disposition::kCompleted;
  std::string phone_hash;  // dialled; empty: one that the campaign does not know
  std::optional<absl::Time> callback_time;
  const std::vector<Finding>* findings = nullptr;  // settled
};

// The standing after an attempt. In this order:
//  1. a household that was closed meanwhile stays closed;
//  2. an emergency waits for the coordinator;
//  3. objection, move and death close the household;
//  4. a finding that its subject did not agree to waits for the coordinator;
//  5. a call to its end (by tenant or proxy) is DONE, or FOLLOWED_UP when a weekly call was agreed
//  to;
//  6. an appointment, or a retry by the campaign's rule for this disposition, until it is exhausted
//  or
//     no number is left. A refusal of this call, and a stay in hospital, are tried again only where
//     the campaign has a rule for them: without one they end (CLOSED, DONE).
HouseholdStanding Advance(HouseholdStanding standing, const AttemptEnd& end,
                          const std::vector<RetryRule>& rules, absl::Time now);

// Whether a tenant or a proxy answered.
bool Reached(Disposition disposition);
// Whether a call that ended so can have answers.
bool HasAnswers(Disposition disposition);
// Whether the number does not lead to the household.
bool IsPhoneFault(Disposition disposition);

// The order in which waiting households are called: smaller first.
int PriorityOf(WaitReason wait);

}  // namespace veille::call_tracking
