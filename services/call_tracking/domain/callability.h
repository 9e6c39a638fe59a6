#pragma once

// Why a household is or is not callable now: exactly one bucket.

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/cohort.h"

namespace veille::call_tracking {

// Numbered as in the contract; the first that holds, in this order.
enum class CallabilityBucket {
  kCampaignNotRunning = 1,
  kClosed = 2,  // for another reason than objection
  kLeftOut = 3,
  kObjection = 4,
  kLeased = 5,
  kAwaitingDecision = 6,
  kDone = 7,
  kExhausted = 8,
  kNoNumberLeft = 9,
  kAppointment = 10,
  kWaitingForRetry = 11,
  kWeeklyCallWaiting = 12,
  kOutsideCallHours = 13,
  kDue = 14,
  kVerificationWaiting = 15,  // stands after kWeeklyCallWaiting in the order
};

// A live lease of the household, or of another one with the same phone.
struct HoldingLease {
  VolunteerId volunteer;
  absl::Time expire_time;
};

// What is known about one household of one campaign.
struct CallabilityFacts {
  std::optional<LeftOutReason> left_out;  // then nothing below is set
  HouseholdState state = HouseholdState::kPending;
  std::optional<WaitReason> wait;
  int attempts = 0;
  bool objection = false;
  bool has_phone = true;  // that the next attempt can dial
  std::optional<absl::Time> next_attempt_time;
  bool is_due = false;  // as the queue has it, by the database's clock
  DecisionReason decision = DecisionReason::kNone;
  std::string time_zone;
  std::optional<HoldingLease> lease;
};

struct Callability {
  CallabilityBucket bucket = CallabilityBucket::kDue;
  std::optional<absl::Time> until;  // when it ends by itself
};

Callability Explain(const Campaign& campaign, const CallabilityFacts& facts, absl::Time now);

// One English sentence, without personal data.
std::string Sentence(CallabilityBucket bucket);

}  // namespace veille::call_tracking
