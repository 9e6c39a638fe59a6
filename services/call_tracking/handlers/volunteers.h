#pragma once

// Volunteers of the landlord. What each RPC does, and its errors, stands in the contract
// (veille/calls/v1/volunteer_service.proto).

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/volunteer_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::EnrolVolunteerResponse>> EnrolVolunteer(
    RequestContext& context, const pb::EnrolVolunteerRequest& request);
async::Task<absl::StatusOr<pb::UpdateVolunteerResponse>> UpdateVolunteer(
    RequestContext& context, const pb::UpdateVolunteerRequest& request);
async::Task<absl::StatusOr<pb::SetAbsenceResponse>> SetAbsence(
    RequestContext& context, const pb::SetAbsenceRequest& request);
async::Task<absl::StatusOr<pb::ListVolunteersResponse>> ListVolunteers(
    RequestContext& context, const pb::ListVolunteersRequest& request);

}  // namespace veille::call_tracking::handlers
