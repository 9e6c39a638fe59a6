#pragma once

// Who objects is helped no further.

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RecordHouseholdObjectionResponse>> RecordHouseholdObjection(
    RequestContext& context, const pb::RecordHouseholdObjectionRequest& request);

}  // namespace veille::referral::handlers
