#include "referral/domain/worklist_item.h"

#include "referral/domain/transitions.h"

namespace veille::referral {

bool MayDecide(WorklistDecision decision, const WorklistSituation& situation) {
  const ReferralState state = situation.state;
  if (situation.is_about_earlier) return decision == WorklistDecision::kSeen;
  switch (decision) {
    case WorklistDecision::kAssign:
      return MayMove(state, ReferralState::kRequested, Actor::kCoordinator);
    case WorklistDecision::kRetry:  // never takes a case from somebody who has accepted it
      return MayMove(state, ReferralState::kRequested, Actor::kCoordinator) &&
             state != ReferralState::kAccepted && state != ReferralState::kInProgress;
    case WorklistDecision::kCancel:
      return MayMove(state, ReferralState::kCancelled, Actor::kCoordinator);
    case WorklistDecision::kSeen:
      return HasEnded(state) || !situation.partner.is_nil() || situation.has_other_item;
    case WorklistDecision::kNone:
      return false;
  }
  return false;
}

std::vector<WorklistDecision> PossibleDecisions(const WorklistSituation& situation) {
  std::vector<WorklistDecision> possible;
  for (const auto decision : {WorklistDecision::kAssign, WorklistDecision::kRetry,
                              WorklistDecision::kCancel, WorklistDecision::kSeen}) {
    if (MayDecide(decision, situation)) possible.push_back(decision);
  }
  return possible;
}

}  // namespace veille::referral
