#pragma once

// Stores what a coordinator corrects, so that no import undoes it. The household is locked.

#include <string>
#include <utility>
#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/household_correction.h"

namespace veille::tenant_registry {

class CorrectionStore {
 public:
  // `phone_key` is the landlord's.
  CorrectionStore(db::WriteTx& tx, LandlordId landlord, HouseholdId household,
                  std::string phone_key)
      : tx_(tx), landlord_(landlord), household_(household), phone_key_(std::move(phone_key)) {}

  // The household's phones are these now: others that the register names are taken off.
  void ReplacePhones(const std::vector<Phone>& phones);
  void ReplaceKeyContacts(const std::vector<KeyContact>& contacts);

  // False when one of them is not of the household. Adds to `effect` who objects or is dead since.
  bool CorrectTenants(const std::vector<TenantCorrection>& corrections, absl::Time now,
                      CorrectionEffect& effect);

  // False takes any objection back; true is one to the programme, which widens one to calls only.
  // Whether it is one that was not there before.
  bool SetObjection(bool objection, absl::Time now);
  // Whether the household has left that had not before.
  bool SetState(Residency state);

 private:
  db::WriteTx& tx_;
  const LandlordId landlord_;
  const HouseholdId household_;
  const std::string phone_key_;
};

}  // namespace veille::tenant_registry
