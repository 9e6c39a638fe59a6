#pragma once

// The worklist, between the contract and the domain.

#include <string>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "referral/convert/paging.h"
#include "referral/domain/worklist_item.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct WorklistListing {
  WorklistPage page;
  bool include_decided = false;
};
struct WorklistOrder {
  ids::RequestId request;
  WorklistItemId item;
  std::string etag;  // empty: not checked
  WorklistDecision decision = WorklistDecision::kSeen;
  ids::PartnerId partner;  // ASSIGN only
  std::string note;
};

absl::StatusOr<WorklistListing> FromProto(const pb::ListWorklistRequest& request);
absl::StatusOr<WorklistOrder> FromProto(const pb::DecideWorklistItemRequest& request);

pb::WorklistItem ToProto(const WorklistItem& item);

}  // namespace veille::referral
