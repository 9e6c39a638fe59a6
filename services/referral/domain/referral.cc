#include "referral/domain/referral.h"

namespace veille::referral {

bool IsNotCovered(ReferralState state, int64_t open_fence) {
  return open_fence == 0 &&
         (state == ReferralState::kRequested || state == ReferralState::kRejected);
}

ReferralUpdate UpdateOf(const Referral& referral) {
  return ReferralUpdate{.referral = referral.id,
                        .finding = referral.finding,
                        .campaign = referral.campaign,
                        .version = referral.version,
                        .state = referral.state,
                        .outcome = referral.outcome,
                        .not_covered = IsNotCovered(referral.state, referral.open_fence),
                        .update_time = referral.update_time};
}

bool LeavesInNeed(ReferralOutcome outcome) {
  return outcome == ReferralOutcome::kCouldNotHelp || outcome == ReferralOutcome::kNotReached;
}

}  // namespace veille::referral
