#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "tenant_registry/request_context.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry::handlers {

namespace pb = ::veille::registry::v1;

async::Task<absl::StatusOr<pb::UpdateHouseholdResponse>> UpdateHousehold(
    RequestContext& context, const pb::UpdateHouseholdRequest& request);

}  // namespace veille::tenant_registry::handlers
