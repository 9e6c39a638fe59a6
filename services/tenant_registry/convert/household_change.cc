#include "tenant_registry/convert/household_change.h"

#include <algorithm>

#include "common/status/errors.h"

namespace veille::tenant_registry {
namespace {
// What the contract of call-tracking takes.
constexpr size_t kMostPhones = 20;
}  // namespace

std::string ToPayload(const HouseholdChange& change, ids::Uuid message) {
  calls::v1::RecordHouseholdChangeRequest request;
  request.set_request_id(message.ToString());
  request.set_household_id(change.household.ToString());
  request.set_version(change.version);
  request.set_kind(static_cast<calls::v1::HouseholdChangeKind>(change.kind));
  for (const TenantId& tenant : change.tenants) request.add_tenant_ids(tenant.ToString());
  for (size_t i = 0; i < std::min(change.phone_hashes.size(), kMostPhones); ++i) {
    request.add_phone_hashes(change.phone_hashes[i]);
  }
  request.set_calls_only(change.calls_only);
  return request.SerializeAsString();
}

absl::StatusOr<calls::v1::RecordHouseholdChangeRequest> FromPayload(const std::string& payload) {
  calls::v1::RecordHouseholdChangeRequest request;
  if (!request.ParseFromString(payload)) {
    return errors::Internal("a message of the outbox is no household change");
  }
  return request;
}

}  // namespace veille::tenant_registry
