#pragma once

// Scripts: published once, never changed. What each RPC does, and its errors, stands in the
// contract (veille/calls/v1/script_service.proto).

#include "absl/status/statusor.h"
#include "call_tracking/request_context.h"
#include "common/async/task.h"
#include "veille/calls/v1/script_service.pb.h"

namespace veille::call_tracking::handlers {

namespace pb = ::veille::calls::v1;

async::Task<absl::StatusOr<pb::PublishScriptResponse>> PublishScript(
    RequestContext& context, const pb::PublishScriptRequest& request);
async::Task<absl::StatusOr<pb::GetScriptResponse>> GetScript(RequestContext& context,
                                                             const pb::GetScriptRequest& request);
async::Task<absl::StatusOr<pb::ListScriptsResponse>> ListScripts(
    RequestContext& context, const pb::ListScriptsRequest& request);
async::Task<absl::StatusOr<pb::TestScriptResponse>> TestScript(
    RequestContext& context, const pb::TestScriptRequest& request);

}  // namespace veille::call_tracking::handlers
