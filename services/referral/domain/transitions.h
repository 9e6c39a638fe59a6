#pragma once

// Who may move a referral from which state to which: one table, one function. The statements that
// change a referral take the states they may start from out of it, so that there is no second
// truth.

#include <vector>

#include "referral/domain/words.h"

namespace veille::referral {

enum class Actor {
  kPartner = 1,      // a person at the partner, through PartnerDeskService
  kEngine = 2,       // the service itself: receipts, the next covering partner
  kCoordinator = 3,  // a person of the landlord, through the worklist
  kClock = 4,        // a deadline that passed
  kForPartner = 5,   // a coordinator who records what the partner said by telephone
  kSubject = 6,      // whom it is about, or the household, who objected
};

bool MayMove(ReferralState from, ReferralState to, Actor actor);

// The states from which `actor` may move a referral to `to`.
std::vector<ReferralState> SourcesOf(ReferralState to, Actor actor);

// COMPLETED or CANCELLED: nobody moves it any more.
bool HasEnded(ReferralState state);

}  // namespace veille::referral
