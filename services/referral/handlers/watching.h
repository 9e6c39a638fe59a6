#pragma once

#include "absl/status/status.h"
#include "common/async/task.h"
#include "common/rpc/stream.h"
#include "referral/request_context.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral::handlers {

async::Task<absl::Status> WatchReferrals(RequestContext& context,
                                         const pb::WatchReferralsRequest& request,
                                         rpc::StreamWriter<pb::WatchReferralsResponse>& writer);

}  // namespace veille::referral::handlers
