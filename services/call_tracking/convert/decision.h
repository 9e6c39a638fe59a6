#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/domain/decision.h"
#include "common/rpc/paging.h"
#include "veille/calls/v1/campaign_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct DecisionListing {
  ids::CampaignId campaign;
  rpc::Page page;
};
absl::StatusOr<DecisionListing> FromProto(const pb::ListDecisionsRequest& request);

struct DecisionRequest {
  ids::RequestId request;
  ids::CampaignId campaign;
  ids::HouseholdId household;
  std::string etag;
  std::string note;
};
absl::StatusOr<DecisionRequest> FromProto(const pb::DecideHouseholdRequest& request);

// INTERNAL when a late record cannot be read.
absl::StatusOr<pb::Decision> ToProto(const Decision& decision);

}  // namespace veille::call_tracking
