#pragma once

// What waits in the outbox for call-tracking: the request that will be sent.

#include <string>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "tenant_registry/domain/household_change.h"
#include "veille/calls/v1/intake_service.pb.h"

namespace veille::tenant_registry {

// `message` is the id of the message: sent again, the request has the same request_id.
std::string ToPayload(const HouseholdChange& change, ids::Uuid message);
absl::StatusOr<calls::v1::RecordHouseholdChangeRequest> FromPayload(const std::string& payload);

}  // namespace veille::tenant_registry
