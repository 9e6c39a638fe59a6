#pragma once

#include "absl/status/statusor.h"
#include "common/rpc/paging.h"
#include "tenant_registry/domain/household.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

absl::StatusOr<HouseholdId> FromProto(const pb::GetHouseholdRequest& request);

struct HouseholdQuery {
  rpc::Page page;
  HouseholdFilter filter;
};
absl::StatusOr<HouseholdQuery> FromProto(const pb::ListHouseholdsRequest& request);

pb::Household ToProto(const Household& household);

}  // namespace veille::tenant_registry
