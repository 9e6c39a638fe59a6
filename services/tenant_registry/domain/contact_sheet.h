#pragma once

#include <string>
#include <vector>

#include "tenant_registry/domain/household.h"

namespace veille::tenant_registry {

// One asked for: whose, by whom, and what for. It leaves an audit event.
struct ContactSheetQuery {
  HouseholdId household;
  std::string purpose;  // "lease …" or "finding …"
};

// How to reach a household: only phones that can be dialled.
struct ContactSheet {
  HouseholdId household;
  int64_t version = 0;
  bool objection = false;   // of the whole household
  bool calls_only = false;  // that objection is to calls only
  Dwelling dwelling;
  std::vector<Tenant> tenants;
  std::vector<Phone> phones;
  std::vector<KeyContact> key_contacts;
};

}  // namespace veille::tenant_registry
