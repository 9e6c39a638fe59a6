#pragma once

// The contract's messages, and the values that the audit trail works with.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/audit/chain.h"
#include "common/audit/event_list.h"
#include "veille/audit/v1/audit_service.pb.h"

namespace veille::audit {

namespace pb = ::veille::audit::v1;

struct EventListing {
  EventFilter filter;
  EventPlace after;
  int page_size = 50;
};
absl::StatusOr<EventListing> FromProto(const pb::ListAuditEventsRequest& request);

// Where a verification goes on: at a head that was reached, with its hash, so that what was
// verified before cannot be exchanged in between.
struct VerificationRequest {
  Head from;                // batch 0: begins
  std::vector<Head> known;  // of this chain
};
absl::StatusOr<VerificationRequest> FromProto(const Chain& chain,
                                              const pb::VerifyAuditTrailRequest& request);

pb::AuditEvent ToProto(const std::string& service, const ChainedEvent& chained);
pb::AuditHead ToProto(const Chain& chain, const Head& head);
pb::AuditProblem ToProto(const Problem& problem);

std::string EventToken(const ChainedEvent& last);
std::string VerificationToken(const Head& reached);

}  // namespace veille::audit
