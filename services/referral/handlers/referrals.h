#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::CreateReferralResponse>> CreateReferral(
    RequestContext& context, const pb::CreateReferralRequest& request);
async::Task<absl::StatusOr<pb::GetReferralResponse>> GetReferral(
    RequestContext& context, const pb::GetReferralRequest& request);
async::Task<absl::StatusOr<pb::ListReferralsResponse>> ListReferrals(
    RequestContext& context, const pb::ListReferralsRequest& request);

}  // namespace veille::referral::handlers
