#pragma once

// Who objects, and what is open about them. Lives for one transaction. What creates a referral and
// what takes an objection in hold each other off per household, so that of the two whoever comes
// second sees what the first has done.

#include <vector>

#include "common/db/transaction.h"
#include "referral/domain/referral.h"

namespace veille::referral {

class ObjectionStore {
 public:
  ObjectionStore(db::WriteTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // False when one of this household and version was taken in before.
  bool Take(const Objection& objection, absl::Time now);

  // Before a referral of the household is created: an objection that is being taken in is waited
  // for.
  void HoldOff(ids::HouseholdId household);

  // The open referrals that an objection is about, held until the end of the transaction.
  std::vector<ids::ReferralId> LockOpen(const Objection& objection);

 private:
  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
};

// The statement itself, for what measures it.
const db::Query& ShareHouseholdQuery();

}  // namespace veille::referral
