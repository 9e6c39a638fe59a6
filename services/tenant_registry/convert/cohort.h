#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "tenant_registry/domain/cohort.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

absl::StatusOr<CohortRule> FromProto(const pb::PreviewCohortRequest& request);

struct CohortSelection {
  CohortRule rule;
  HouseholdId after;  // nil: from the first
  bool include_left_out = false;
};
absl::StatusOr<CohortSelection> FromProto(const pb::SelectCohortRequest& request);

// Where a list of those left out goes on: within one reason, after a household or a refused row.
struct LeftOutPlace {
  LeftOutReason reason = LeftOutReason::kUnderAge;
  HouseholdId after;
  int64_t after_row = 0;
};
struct LeftOutQuery {
  CohortRule rule;
  std::vector<LeftOutReason> reasons;  // in their order, at least one
  size_t page_size = 50;
  std::optional<LeftOutPlace> from;
};
absl::StatusOr<LeftOutQuery> FromProto(const pb::ListLeftOutRequest& request);
std::string ToPageToken(const LeftOutPlace& place);

void AddTo(const JudgedHousehold& household, bool include_left_out,
           pb::SelectCohortResponse& response);
pb::CohortCounts ToProto(const CohortCounts& counts);
void AddTo(const CommuneCounts& communes, pb::PreviewCohortResponse& response);
pb::LeftOutEntry ToProto(const LeftOutEntry& entry);

}  // namespace veille::tenant_registry
