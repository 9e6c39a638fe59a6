#pragma once

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "common/audit/audit_environment.h"
#include "veille/audit/v1/audit_service.pb.h"

namespace veille::audit::handlers {

namespace pb = ::veille::audit::v1;

async::Task<absl::StatusOr<pb::ListAuditEventsResponse>> ListAuditEvents(
    AuditContext& context, const pb::ListAuditEventsRequest& request);
async::Task<absl::StatusOr<pb::VerifyAuditTrailResponse>> VerifyAuditTrail(
    AuditContext& context, const pb::VerifyAuditTrailRequest& request);
async::Task<absl::StatusOr<pb::GetAuditHeadResponse>> GetAuditHead(
    AuditContext& context, const pb::GetAuditHeadRequest& request);

}  // namespace veille::audit::handlers
