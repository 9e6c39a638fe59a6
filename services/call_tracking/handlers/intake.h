#pragma once

// Facts that other services hand over. What each RPC does, and its errors, stands in the contract
// (veille/calls/v1/intake_service.proto).

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/intake_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::RecordReferralUpdateResponse>> RecordReferralUpdate(
    RequestContext& context, const pb::RecordReferralUpdateRequest& request);
async::Task<absl::StatusOr<pb::RecordHouseholdChangeResponse>> RecordHouseholdChange(
    RequestContext& context, const pb::RecordHouseholdChangeRequest& request);

}  // namespace veille::call_tracking::handlers
