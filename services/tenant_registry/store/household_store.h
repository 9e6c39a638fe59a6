#pragma once

// Reads and marks households.

#include <optional>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/household.h"
#include "tenant_registry/domain/name_search.h"

namespace veille::tenant_registry {

class HouseholdReader {
 public:
  HouseholdReader(db::ReadTx& tx, LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // Up to `most` (1001 at most) ids after `after`, in order.
  std::vector<HouseholdId> List(const HouseholdFilter& filter, HouseholdId after, size_t most);

  // Up to `most` ids after `after`, in order, of households with a tenant whose name has all these
  // words (name_search.h).
  std::vector<HouseholdId> FindByName(const std::vector<SoughtWord>& words, bool include_left,
                                      HouseholdId after, size_t most);

  // Those that exist, by id.
  std::vector<Household> Load(const std::vector<HouseholdId>& ids);

 private:
  db::ReadTx& tx_;
  const LandlordId landlord_;
};

class HouseholdStore {
 public:
  HouseholdStore(db::WriteTx& tx, LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  struct Locked {
    int64_t version = 0;
    bool objection = false;
    bool calls_only = false;  // it is to calls only
  };
  std::optional<Locked> Lock(HouseholdId id);
  // The new version. The household is locked.
  int64_t Bump(HouseholdId id);

  // Nothing when the household has no such phone; otherwise whether it could be dialled until now.
  std::optional<bool> MarkPhoneNotWorking(HouseholdId id, const std::string& phone_hash, int fault,
                                          AttemptId attempt);

  // The household's objection is this one now.
  void Object(HouseholdId id, absl::Time time, bool calls_only);
  // Nothing when the household has no such tenant; otherwise whether it did not object until now.
  std::optional<bool> ObjectTenant(HouseholdId id, TenantId tenant, absl::Time time);

 private:
  db::WriteTx& tx_;
  const LandlordId landlord_;
};

}  // namespace veille::tenant_registry
