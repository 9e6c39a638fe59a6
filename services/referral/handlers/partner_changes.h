#pragma once

// Changes of a partner that is registered.

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::UpdatePartnerResponse>> UpdatePartner(
    RequestContext& context, const pb::UpdatePartnerRequest& request);
async::Task<absl::StatusOr<pb::SetCapacityResponse>> SetCapacity(
    RequestContext& context, const pb::SetCapacityRequest& request);
async::Task<absl::StatusOr<pb::PausePartnerResponse>> PausePartner(
    RequestContext& context, const pb::PausePartnerRequest& request);
async::Task<absl::StatusOr<pb::ResumePartnerResponse>> ResumePartner(
    RequestContext& context, const pb::ResumePartnerRequest& request);
async::Task<absl::StatusOr<pb::ReplayDeliveriesResponse>> ReplayDeliveries(
    RequestContext& context, const pb::ReplayDeliveriesRequest& request);

}  // namespace veille::referral::handlers
