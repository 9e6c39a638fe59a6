#pragma once

// Changes of referrals by a coordinator, between the contract and the domain.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

// What every change has.
struct ReferralOrder {
  ids::RequestId request;
  ids::ReferralId referral;
};
struct ReferralWithdrawal {
  ReferralOrder order;
  std::string note;
};
struct ReferralRerouting {
  ReferralOrder order;
  std::optional<ids::PartnerId> partner;  // absent: the next covering one
};

absl::StatusOr<ReferralWithdrawal> FromProto(const pb::WithdrawReferralRequest& request);
absl::StatusOr<ReferralRerouting> FromProto(const pb::RerouteReferralRequest& request);
absl::StatusOr<ReferralOrder> FromProto(const pb::RedeliverReferralRequest& request);

}  // namespace veille::referral
