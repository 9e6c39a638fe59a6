#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/convert/disclosure.h"
#include "referral/request_context.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::GetDisclosureStatementResponse>> GetDisclosureStatement(
    RequestContext& context, const pb::GetDisclosureStatementRequest& request);

}  // namespace veille::referral::handlers
