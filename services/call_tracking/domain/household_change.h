#pragma once

// What changed about a household in the register.

#include <cstdint>
#include <string>
#include <vector>

#include "common/ids/uuid.h"

namespace veille::call_tracking {

// Numbered as in the contract.
enum class HouseholdChangeKind { kObjection = 1, kDeceased = 2, kLeft = 3, kPhones = 4 };

struct HouseholdChange {
  ids::HouseholdId household;
  int64_t version = 0;  // in the register
  HouseholdChangeKind kind = HouseholdChangeKind::kObjection;
  std::vector<ids::TenantId> tenants;     // empty: the whole household
  std::vector<std::string> phone_hashes;  // with kPhones, in the order to dial
  bool calls_only = false;                // with kObjection: referrals go on
};

// Whether calls end. Such a change is never undone by another, so it acts in whatever order changes
// arrive; phones are replaced by newer ones only.
inline bool EndsCalls(HouseholdChangeKind kind) { return kind != HouseholdChangeKind::kPhones; }

}  // namespace veille::call_tracking
