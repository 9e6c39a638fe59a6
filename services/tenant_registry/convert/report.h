#pragma once

// What callers report about a household: a phone that does not work, an objection.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tenant_registry/domain/identifiers.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

struct PhoneReport {
  RequestId request;
  AttemptId attempt;
  HouseholdId household;
  std::string phone_hash;
  int fault = 0;  // as in the contract
};
absl::StatusOr<PhoneReport> FromProto(const pb::ReportPhoneRequest& request);

struct Objection {
  RequestId request;
  HouseholdId household;
  std::optional<TenantId> tenant;  // absent: the whole household
  absl::Time time;
  bool calls_only = false;  // only of the whole household
};
absl::StatusOr<Objection> FromProto(const pb::RecordObjectionRequest& request, absl::Time now);

}  // namespace veille::tenant_registry
