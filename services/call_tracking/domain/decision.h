#pragma once

// What waits for a coordinator at one household.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"

namespace veille::call_tracking {

// A call that somebody recorded who did not hold the household any more.
struct KeptRecord {
  ids::AttemptId attempt;
  VolunteerId volunteer;
  absl::Time record_time;
  std::string record;  // the serialised request
};

struct Decision {
  ids::HouseholdId household;
  DecisionReason reason = DecisionReason::kNone;  // the most pressing
  HouseholdState state = HouseholdState::kNeedsDecision;
  std::vector<Finding> findings;
  std::vector<KeptRecord> late_records;
  std::string etag;  // of all that waits
};

}  // namespace veille::call_tracking
