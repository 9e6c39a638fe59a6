#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "tenant_registry/request_context.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry::handlers {

namespace pb = ::veille::registry::v1;

async::Task<absl::StatusOr<pb::GetHouseholdResponse>> GetHousehold(
    RequestContext& context, const pb::GetHouseholdRequest& request);
async::Task<absl::StatusOr<pb::ListHouseholdsResponse>> ListHouseholds(
    RequestContext& context, const pb::ListHouseholdsRequest& request);

async::Task<absl::StatusOr<pb::FindHouseholdsResponse>> FindHouseholds(
    RequestContext& context, const pb::FindHouseholdsRequest& request);

}  // namespace veille::tenant_registry::handlers
