#pragma once

#include <optional>
#include <vector>

#include "call_tracking/domain/household_change.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// What the register says of households, and what it does to them in every campaign of the landlord.
// Lives for one transaction.
class HouseholdChangeStore {
 public:
  HouseholdChangeStore(db::WriteTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // Whether the change of this version was newer than what was known when it came; absent when none
  // of this version has come.
  std::optional<bool> FindApplied(const HouseholdChange& change);

  // Takes the change in and does what it means. Whether it was newer than what was known; false,
  // and nothing is done, when a change of this version was taken before.
  bool Take(const HouseholdChange& change);

  // Ends the calls of those of these households about which the register has said so since they
  // were drawn: subjects are asked no more, and a household without a subject is closed, with its
  // lease. One that waits for a coordinator goes on waiting: what was found still stands.
  void EndCalls(const std::vector<ids::HouseholdId>& households);

 private:
  void EndCallsOf(const std::vector<ids::HouseholdId>& households);
  void ReplacePhones(const HouseholdChange& change);

  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
};

}  // namespace veille::call_tracking
