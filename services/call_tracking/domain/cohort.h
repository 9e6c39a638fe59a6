#pragma once

// What the registry selects for a campaign, page by page.

#include <cstdint>
#include <string>
#include <vector>

#include "common/ids/uuid.h"

namespace veille::call_tracking {

struct CohortHousehold {
  ids::HouseholdId household;
  std::string commune_code;
  std::string time_zone;  // IANA name
  std::vector<ids::TenantId> subjects;
  std::vector<std::string> phone_hashes;  // keyed, 32 bytes each, in the order to dial
  int64_t version = 0;                    // in the register
};

// Numbered as in the registry's contract.
enum class LeftOutReason { kUnderAge = 1, kObjection = 2, kNoValidPhone = 3 };

struct LeftOutHousehold {
  ids::HouseholdId household;
  LeftOutReason reason = LeftOutReason::kUnderAge;
};

struct CohortPage {
  std::vector<CohortHousehold> selected;
  std::vector<LeftOutHousehold> left_out;
  ids::HouseholdId last;  // the last household judged: where a cut stream continues; nil: none
};

}  // namespace veille::call_tracking
