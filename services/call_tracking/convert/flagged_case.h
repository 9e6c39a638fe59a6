#pragma once

// What became of the cases that a volunteer flagged, as the contract says it.

#include "absl/status/statusor.h"
#include "call_tracking/domain/call.h"
#include "common/rpc/paging.h"
#include "veille/calls/v1/call.pb.h"
#include "veille/calls/v1/call_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct OutcomeListing {
  ids::CampaignId campaign;
  rpc::Page page;
};
absl::StatusOr<OutcomeListing> FromProto(const pb::ListMyOutcomesRequest& request);

pb::FlaggedCase ToProto(const FlaggedCase& flagged);

}  // namespace veille::call_tracking
