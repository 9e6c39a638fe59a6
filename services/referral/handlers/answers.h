#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RecordPartnerAnswerResponse>> RecordPartnerAnswer(
    RequestContext& context, const pb::RecordPartnerAnswerRequest& request);

}  // namespace veille::referral::handlers
