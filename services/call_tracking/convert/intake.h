#pragma once

#include "absl/status/statusor.h"
#include "call_tracking/domain/household_change.h"
#include "call_tracking/domain/referral_update.h"
#include "common/ids/uuid.h"
#include "veille/calls/v1/intake_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct ReferralUpdateIntake {
  ids::RequestId request;
  ReferralUpdate update;
};
absl::StatusOr<ReferralUpdateIntake> FromProto(const pb::RecordReferralUpdateRequest& request);

struct HouseholdChangeIntake {
  ids::RequestId request;
  HouseholdChange change;
};
absl::StatusOr<HouseholdChangeIntake> FromProto(const pb::RecordHouseholdChangeRequest& request);

}  // namespace veille::call_tracking
