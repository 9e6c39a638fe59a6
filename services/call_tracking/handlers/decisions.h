#pragma once

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::ListDecisionsResponse>> ListDecisions(
    RequestContext& context, const pb::ListDecisionsRequest& request);
async::Task<absl::StatusOr<pb::DecideHouseholdResponse>> DecideHousehold(
    RequestContext& context, const pb::DecideHouseholdRequest& request);

}  // namespace veille::call_tracking::handlers
