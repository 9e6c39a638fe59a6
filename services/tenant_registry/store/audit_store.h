#pragma once

#include <string_view>
#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/identifiers.h"

namespace veille::tenant_registry {

// Who looks, by what, and why.
struct Reading {
  LandlordId landlord;
  std::string_view actor_role;
  std::string_view actor;
  std::string_view method;
  std::string_view purpose;
  std::string_view reason = {};  // of a look outside the caller's own work
};

// One audit event per household that is shown.
void AppendReadEvents(db::WriteTx& tx, const Reading& reading,
                      const std::vector<HouseholdId>& households);

}  // namespace veille::tenant_registry
