#pragma once

// The audit trails of the three services, asked for together. An answer that is missing is an
// error: half of a trail looks like a whole one.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/audit/v1/audit_service.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

namespace audit_pb = ::veille::audit::v1;

// The events that fit the request, newest first over all services; `limit` at most, 0 means all.
absl::StatusOr<audit_pb::ListAuditEventsResponse> ListTrails(
    Session& session, const audit_pb::ListAuditEventsRequest& request, int limit);

// Each whole trail, with the heads that are known of it.
absl::StatusOr<audit_pb::AuditVerifications> VerifyTrails(Session& session,
                                                          const audit_pb::AuditHeads& known);

// The newest head of each trail that has begun.
absl::StatusOr<audit_pb::AuditHeads> HeadsOfTrails(Session& session);

}  // namespace veille::veillectl
