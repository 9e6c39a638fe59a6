#pragma once

// What the operator watches, over all landlords together: counts and ages only.
//
// Each statement reads an index of what is open: its cost does not grow with what has been done.

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "common/db/transaction.h"
#include "referral/domain/words.h"

namespace veille::referral {

// Referrals that stand alike, of the open ones (REJECTED and FAILED are open: a person decides).
struct OpenReferrals {
  ReferralState state = ReferralState::kRequested;
  Urgency urgency = Urgency::kRoutine;
  int64_t referrals = 0;
  absl::Duration oldest;  // since it was created
};
std::vector<OpenReferrals> CountOpenReferrals(db::ReadTx& tx);

// How long ago the deadline for acceptance passed of the referral whose deadline is the first; zero
// before it.
absl::Duration LongestOverdue(db::ReadTx& tx);

// Open items of the worklist.
struct OpenItems {
  WorklistReason reason = WorklistReason::kNoPartner;
  Urgency urgency = Urgency::kRoutine;
  int64_t items = 0;
  absl::Duration oldest;
};
std::vector<OpenItems> CountOpenItems(db::ReadTx& tx);

struct DeliveryFigures {
  int64_t due = 0;
  int64_t sending = 0;
  int64_t parked = 0;
  absl::Duration latest;  // how long the one has been due that should have gone out first
};
DeliveryFigures CountDeliveries(db::ReadTx& tx);

}  // namespace veille::referral
