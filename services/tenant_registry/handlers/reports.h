#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "tenant_registry/request_context.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry::handlers {

namespace pb = ::veille::registry::v1;

async::Task<absl::StatusOr<pb::ReportPhoneResponse>> ReportPhone(
    RequestContext& context, const pb::ReportPhoneRequest& request);
async::Task<absl::StatusOr<pb::RecordObjectionResponse>> RecordObjection(
    RequestContext& context, const pb::RecordObjectionRequest& request);

}  // namespace veille::tenant_registry::handlers
