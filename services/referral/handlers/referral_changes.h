#pragma once

// What a coordinator does about a referral that is not on the worklist.

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::WithdrawReferralResponse>> WithdrawReferral(
    RequestContext& context, const pb::WithdrawReferralRequest& request);
async::Task<absl::StatusOr<pb::RerouteReferralResponse>> RerouteReferral(
    RequestContext& context, const pb::RerouteReferralRequest& request);
async::Task<absl::StatusOr<pb::RedeliverReferralResponse>> RedeliverReferral(
    RequestContext& context, const pb::RedeliverReferralRequest& request);

}  // namespace veille::referral::handlers
