#include "tenant_registry/convert/report.h"

#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::tenant_registry {
namespace {

constexpr size_t kPhoneHashSize = 32;
// Clocks of other machines may be a little ahead.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

}  // namespace

absl::StatusOr<PhoneReport> FromProto(const pb::ReportPhoneRequest& request) {
  rpc::Violations violations;
  PhoneReport report;
  report.request = rpc::ReadRequestId(request.request_id(), violations);
  report.attempt = rpc::ReadId<AttemptId>("attempt_id", request.attempt_id(), violations);
  report.household = rpc::ReadId<HouseholdId>("household_id", request.household_id(), violations);
  report.phone_hash = request.phone_hash();
  if (report.phone_hash.size() != kPhoneHashSize) {
    violations.Add("phone_hash", report.phone_hash.empty() ? "is required" : "must have 32 bytes");
  }
  report.fault =
      rpc::ReadEnum<pb::PhoneFault>("fault", request.fault(), pb::PhoneFault_IsValid, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return report;
}

absl::StatusOr<Objection> FromProto(const pb::RecordObjectionRequest& request, absl::Time now) {
  rpc::Violations violations;
  Objection objection;
  objection.request = rpc::ReadRequestId(request.request_id(), violations);
  objection.household =
      rpc::ReadId<HouseholdId>("household_id", request.household_id(), violations);
  if (!request.tenant_id().empty()) {
    objection.tenant = rpc::ReadId<TenantId>("tenant_id", request.tenant_id(), violations);
  }
  objection.time = now;
  if (request.has_objection_time()) {
    objection.time = rpc::ReadTime("objection_time", true, request.objection_time(), violations);
    if (objection.time > now + kClockSkew) violations.Add("objection_time", "is in the future");
  }
  objection.calls_only = request.calls_only();
  if (objection.calls_only && !request.tenant_id().empty()) {
    violations.Add("calls_only", "is only given without a tenant_id");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return objection;
}

}  // namespace veille::tenant_registry
