#pragma once

// What became of a referral, and what follows for its finding.

#include <cstdint>

#include "absl/time/time.h"
#include "common/ids/uuid.h"

namespace veille::call_tracking {

// Numbered as in the contract and in the database.
enum class ReferralState {
  kNone = 0,
  kRequested = 1,
  kReceived = 2,
  kAccepted = 3,
  kInProgress = 4,
  kCompleted = 5,
  kRejected = 6,
  kCancelled = 7,
  kFailed = 8,
};

struct ReferralUpdate {
  ids::ReferralId referral;
  ids::FindingId finding;
  ids::CampaignId campaign;
  int64_t version = 0;
  ReferralState state = ReferralState::kNone;
  int outcome = 0;  // numbered as in the contract
  bool not_covered = false;
  absl::Time update_time;
};

// Whether a coordinator must decide about the finding: nobody covers the need, or the referral came
// to nothing.
inline bool EndedBadly(ReferralState state) {
  return state == ReferralState::kRejected || state == ReferralState::kCancelled ||
         state == ReferralState::kFailed;
}

}  // namespace veille::call_tracking
