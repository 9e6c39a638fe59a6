#pragma once

// What a partner says about a referral that it has, with what follows from it, in the transaction
// of the call that says so: one of its own (PartnerDeskService), or one of a coordinator whom it
// told by telephone (RecordPartnerAnswer).

#include <string>

#include "absl/status/status.h"
#include "referral/assignment/assigner.h"

namespace veille::referral {

struct PartnerAct {
  ids::ReferralId referral;
  int64_t fence = 0;
  ReferralState to = ReferralState::kAccepted;       // RECEIVED is for kForPartner only
  DeclineReason reason = DeclineReason::kNone;       // REJECTED
  ReferralOutcome outcome = ReferralOutcome::kNone;  // COMPLETED
  std::string note;                                  // REJECTED, COMPLETED
  Actor actor = Actor::kPartner;                     // or kForPartner
  absl::Time said;                                   // when the partner said so: now, or before
  std::string by;                                    // the subject of whoever makes the call
};

// Why nothing can be done about an assignment as it stands: ASSIGNMENT_SUPERSEDED, or
// ILLEGAL_TRANSITION.
absl::Status WhyRefused(Assigner& assigner, const OwnAssignment& own, ids::ReferralId referral);

// The guarded change of state, and what follows. `own` is the assignment with the act's fence.
// ASSIGNMENT_SUPERSEDED; ILLEGAL_TRANSITION.
absl::Status Perform(Assigner& assigner, const OwnAssignment& own, const PartnerAct& act);

}  // namespace veille::referral
