#pragma once

// Reads the history of referrals in an order in which nothing ever appears behind what was read:
// see migration 0015.

#include <vector>

#include "common/db/transaction.h"
#include "referral/domain/referral_change.h"

namespace veille::referral {

// Of each landlord at most `limit` changes after its place. The end of a page that is not full is
// as far as nothing can be missing.
struct ChangesAfter {
  ids::LandlordId landlord;
  ChangePlace place;
};
std::vector<ChangePage> ReadChanges(db::ReadTx& tx, const std::vector<ChangesAfter>& after,
                                    int limit);

// The place behind which all that is committed from now on will appear.
ChangePlace ReadHorizon(db::ReadTx& tx);

}  // namespace veille::referral
