#pragma once

// Watching referrals, between the contract and the domain.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "referral/domain/referral_change.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct ReferralWatch {
  std::optional<ChangePlace> after;  // absent: from now on
  std::optional<ids::CampaignId> campaign;
  std::vector<ReferralState> states;  // empty: all
};
absl::StatusOr<ReferralWatch> FromProto(const pb::WatchReferralsRequest& request);

// Whether the watch asks for it.
bool IsAskedFor(const ReferralWatch& watch, const ReferralChange& change);

pb::ReferralChange ToProto(const ReferralChange& change);
std::string ResumeToken(const ChangePlace& place);

}  // namespace veille::referral
