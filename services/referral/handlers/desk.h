#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/convert/partner_case.h"
#include "referral/request_context.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<partner_pb::ListMyReferralsResponse>> ListMyReferrals(
    RequestContext& context, const partner_pb::ListMyReferralsRequest& request);
async::Task<absl::StatusOr<partner_pb::GetMyReferralResponse>> GetMyReferral(
    RequestContext& context, const partner_pb::GetMyReferralRequest& request);
async::Task<absl::StatusOr<partner_pb::AcceptReferralResponse>> AcceptReferral(
    RequestContext& context, const partner_pb::AcceptReferralRequest& request);
async::Task<absl::StatusOr<partner_pb::DeclineReferralResponse>> DeclineReferral(
    RequestContext& context, const partner_pb::DeclineReferralRequest& request);
async::Task<absl::StatusOr<partner_pb::StartReferralResponse>> StartReferral(
    RequestContext& context, const partner_pb::StartReferralRequest& request);
async::Task<absl::StatusOr<partner_pb::CloseReferralResponse>> CloseReferral(
    RequestContext& context, const partner_pb::CloseReferralRequest& request);

}  // namespace veille::referral::handlers
