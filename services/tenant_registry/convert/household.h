#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/paging.h"
#include "tenant_registry/domain/household.h"
#include "tenant_registry/domain/name_search.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

absl::StatusOr<HouseholdId> FromProto(const pb::GetHouseholdRequest& request);

struct HouseholdQuery {
  rpc::Page page;
  HouseholdFilter filter;
};
absl::StatusOr<HouseholdQuery> FromProto(const pb::ListHouseholdsRequest& request);

struct NameQuery {
  rpc::Page page;
  std::vector<SoughtWord> words;
  bool include_left = false;
};
absl::StatusOr<NameQuery> FromProto(const pb::FindHouseholdsRequest& request);

pb::Household ToProto(const Household& household);

}  // namespace veille::tenant_registry
