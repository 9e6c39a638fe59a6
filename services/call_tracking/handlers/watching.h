#pragma once

// WatchCampaign: the report of a campaign, again and again. What it does, and its errors, stands in
// the contract (veille/calls/v1/campaign_service.proto).

#include "absl/status/status.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "common/rpc/stream.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::Status> WatchCampaign(RequestContext& context,
                                        const pb::WatchCampaignRequest& request,
                                        rpc::StreamWriter<pb::WatchCampaignResponse>& writer);

}  // namespace veille::call_tracking::handlers
