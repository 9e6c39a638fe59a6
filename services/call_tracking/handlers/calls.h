#pragma once

// The volunteer's work. What each RPC does, and its errors, stands in the contract
// (veille/calls/v1/call_service.proto).

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/call_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::LeaseNextCallResponse>> LeaseNextCall(
    RequestContext& context, const pb::LeaseNextCallRequest& request);
async::Task<absl::StatusOr<pb::GetCallSheetResponse>> GetCallSheet(
    RequestContext& context, const pb::GetCallSheetRequest& request);
async::Task<absl::StatusOr<pb::RenewLeaseResponse>> RenewLease(
    RequestContext& context, const pb::RenewLeaseRequest& request);
async::Task<absl::StatusOr<pb::ReleaseLeaseResponse>> ReleaseLease(
    RequestContext& context, const pb::ReleaseLeaseRequest& request);
async::Task<absl::StatusOr<pb::RecordCallResponse>> RecordCall(
    RequestContext& context, const pb::RecordCallRequest& request);
async::Task<absl::StatusOr<pb::ListMyOutcomesResponse>> ListMyOutcomes(
    RequestContext& context, const pb::ListMyOutcomesRequest& request);

}  // namespace veille::call_tracking::handlers
