#pragma once

// What UpdateHousehold asks for.

#include <string>

#include "absl/status/statusor.h"
#include "tenant_registry/domain/household_correction.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

struct HouseholdUpdate {
  RequestId request;
  HouseholdId household;
  std::string etag;  // empty: whatever it is
  HouseholdCorrection correction;
};

// `today` is the last day on which somebody may have been born.
absl::StatusOr<HouseholdUpdate> FromProto(const pb::UpdateHouseholdRequest& request,
                                          absl::CivilDay today);

// INVALID_FIELDS: the places of what is no number, in the lists as they were sent.
absl::Status Unreadable(const ReadList& phones, const ReadContacts& contacts);

}  // namespace veille::tenant_registry
