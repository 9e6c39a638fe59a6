#pragma once

// The history of all referrals of a landlord, as one line.

#include <compare>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/words.h"

namespace veille::referral {

// A place in the history: behind everything that is not after it.
struct ChangePlace {
  int64_t transaction = 0;
  ids::ReferralId referral = {};
  int64_t version = 0;

  auto operator<=>(const ChangePlace&) const = default;
};

struct ReferralChange {
  ChangePlace place;  // names the referral and its version
  ReferralState state = ReferralState::kRequested;
  ids::CampaignId campaign;
  Urgency urgency = Urgency::kRoutine;  // as it stands now
  ids::PartnerId partner;               // nil: nobody has it
  int64_t fence = 0;
  absl::Time change_time;
};

// What comes after `begin`, in order, up to `end`.
struct ChangePage {
  ChangePlace begin;
  std::vector<ReferralChange> changes;
  ChangePlace end;
};

}  // namespace veille::referral
