#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "referral/request_context.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::TestPartnerResponse>> TestPartner(
    RequestContext& context, const pb::TestPartnerRequest& request);

}  // namespace veille::referral::handlers
