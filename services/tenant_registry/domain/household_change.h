#pragma once

// What call-tracking is told when a household of the register changes.

#include <cstdint>
#include <string>
#include <vector>

#include "tenant_registry/domain/identifiers.h"

namespace veille::tenant_registry {

enum class ChangeKind { kObjection = 1, kDeceased = 2, kLeft = 3, kPhones = 4 };

struct HouseholdChange {
  HouseholdId household;
  int64_t version = 0;
  ChangeKind kind = ChangeKind::kPhones;
  std::vector<TenantId> tenants;          // empty: the whole household
  std::vector<std::string> phone_hashes;  // kPhones: those that can be dialled now, in order
  bool calls_only = false;                // kObjection of the whole household: referrals go on
};

// How a household can be reached now.
struct Reach {
  HouseholdId household;
  int64_t version = 0;
  std::vector<std::string> phone_hashes;  // of the phones that can be dialled, each once, in order
};

}  // namespace veille::tenant_registry
