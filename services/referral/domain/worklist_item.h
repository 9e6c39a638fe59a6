#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/words.h"

namespace veille::referral {

using WorklistItemId = ids::Id<struct WorklistItemTag>;

// Something about a referral that waits for a coordinator.
struct WorklistItem {
  WorklistItemId id;
  ids::ReferralId referral;
  WorklistReason reason = WorklistReason::kNoPartner;
  Urgency urgency = Urgency::kRoutine;
  Need need = Need::kOther;
  std::string commune;
  WorklistItemState state = WorklistItemState::kOpen;
  WorklistDecision decision = WorklistDecision::kNone;
  std::string note;
  std::string decided_by;
  int64_t version = 1;
  absl::Time create_time;
  std::optional<absl::Time> decide_time;
};

}  // namespace veille::referral
