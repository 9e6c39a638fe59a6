#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RegisterPartnerResponse>> RegisterPartner(
    RequestContext& context, const pb::RegisterPartnerRequest& request);
async::Task<absl::StatusOr<pb::GetPartnerResponse>> GetPartner(
    RequestContext& context, const pb::GetPartnerRequest& request);
async::Task<absl::StatusOr<pb::ListPartnersResponse>> ListPartners(
    RequestContext& context, const pb::ListPartnersRequest& request);
async::Task<absl::StatusOr<pb::CheckCoverageResponse>> CheckCoverage(
    RequestContext& context, const pb::CheckCoverageRequest& request);

}  // namespace veille::referral::handlers
