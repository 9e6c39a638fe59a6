#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "common/rpc/stream.h"
#include "tenant_registry/request_context.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry::handlers {

namespace pb = ::veille::registry::v1;

async::Task<absl::StatusOr<pb::PreviewCohortResponse>> PreviewCohort(
    RequestContext& context, const pb::PreviewCohortRequest& request);

// Page by page, each in a short transaction; the next one only when the one before has been sent.
async::Task<absl::Status> SelectCohort(RequestContext& context,
                                       const pb::SelectCohortRequest& request,
                                       rpc::StreamWriter<pb::SelectCohortResponse>& writer);

async::Task<absl::StatusOr<pb::ListLeftOutResponse>> ListLeftOut(
    RequestContext& context, const pb::ListLeftOutRequest& request);

}  // namespace veille::tenant_registry::handlers
