#include "veillectl/commands/audit_trails.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/status/macros.h"
#include "veille/audit/v1/audit_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/commands/paging.h"

namespace veille::veillectl {
namespace {

using Audit = audit_pb::AuditService::Stub;

struct Service {
  std::string name;
  Connection connection;
};

absl::StatusOr<std::vector<Service>> Services(Session& session) {
  const std::string role = "dpo";
  ASSIGN_OR_RETURN(Connection registry, session.Registry(role));
  ASSIGN_OR_RETURN(Connection calls, session.Calls(role));
  ASSIGN_OR_RETURN(Connection referral, session.Referral(role));
  std::vector<Service> services;
  services.push_back({"tenant-registry", std::move(registry)});
  services.push_back({"call-tracking", std::move(calls)});
  services.push_back({"referral", std::move(referral)});
  for (Service& service : services) service.connection.Name(service.name);
  return services;
}

bool IsNewer(const audit_pb::AuditEvent& a, const audit_pb::AuditEvent& b) {
  const auto key = [](const audit_pb::AuditEvent& event) {
    return std::make_tuple(event.event_time().seconds(), event.event_time().nanos(),
                           event.event_id());
  };
  return key(a) > key(b);
}

void Add(const audit_pb::VerifyAuditTrailResponse& part,
         audit_pb::VerifyAuditTrailResponse& whole) {
  whole.set_service(part.service());
  if (part.has_to_head()) *whole.mutable_to_head() = part.to_head();
  whole.set_verified_events(whole.verified_events() + part.verified_events());
  whole.set_erased_events(whole.erased_events() + part.erased_events());
  whole.set_waiting_events(part.waiting_events());
  whole.set_signatures_verified(part.signatures_verified());
  whole.mutable_problems()->MergeFrom(part.problems());
  whole.set_more_problems(whole.more_problems() + part.more_problems());
}

absl::StatusOr<audit_pb::VerifyAuditTrailResponse> VerifyTrail(const Service& service,
                                                               const audit_pb::AuditHeads& known) {
  audit_pb::VerifyAuditTrailRequest request;
  for (const audit_pb::AuditHead& head : known.heads()) {
    if (head.service() == service.name) *request.add_known_heads() = head;
  }
  audit_pb::VerifyAuditTrailResponse whole;
  do {
    ASSIGN_OR_RETURN(const audit_pb::VerifyAuditTrailResponse part,
                     service.connection.Call(&Audit::VerifyAuditTrail, request));
    Add(part, whole);
    request.set_page_token(part.next_page_token());
  } while (!request.page_token().empty());
  return whole;
}

absl::Status CheckKnown(const Session& session, const audit_pb::AuditHeads& known) {
  for (const audit_pb::AuditHead& head : known.heads()) {
    if (head.landlord_id() != session.landlord()) {
      return UsageError("the heads are another landlord's: they were exported for " +
                        head.landlord_id());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<audit_pb::ListAuditEventsResponse> ListTrails(
    Session& session, const audit_pb::ListAuditEventsRequest& request, int limit) {
  ASSIGN_OR_RETURN(const std::vector<Service> services, Services(session));
  std::vector<audit_pb::AuditEvent> events;
  for (const Service& service : services) {
    ASSIGN_OR_RETURN(
        audit_pb::ListAuditEventsResponse own,
        ListPages(service.connection, &Audit::ListAuditEvents, request, Paging{.limit = limit}));
    std::move(own.mutable_events()->begin(), own.mutable_events()->end(),
              std::back_inserter(events));
  }
  std::sort(events.begin(), events.end(), IsNewer);
  if (limit > 0 && events.size() > static_cast<size_t>(limit)) {
    events.resize(static_cast<size_t>(limit));
  }
  audit_pb::ListAuditEventsResponse all;
  for (audit_pb::AuditEvent& event : events) *all.add_events() = std::move(event);
  return all;
}

absl::StatusOr<audit_pb::AuditVerifications> VerifyTrails(Session& session,
                                                          const audit_pb::AuditHeads& known) {
  RETURN_IF_ERROR(CheckKnown(session, known));
  ASSIGN_OR_RETURN(const std::vector<Service> services, Services(session));
  audit_pb::AuditVerifications verifications;
  for (const Service& service : services) {
    ASSIGN_OR_RETURN(*verifications.add_trails(), VerifyTrail(service, known));
  }
  return verifications;
}

absl::StatusOr<audit_pb::AuditHeads> HeadsOfTrails(Session& session) {
  ASSIGN_OR_RETURN(const std::vector<Service> services, Services(session));
  audit_pb::AuditHeads heads;
  for (const Service& service : services) {
    ASSIGN_OR_RETURN(
        const audit_pb::GetAuditHeadResponse response,
        service.connection.Call(&Audit::GetAuditHead, audit_pb::GetAuditHeadRequest()));
    if (response.has_head()) *heads.add_heads() = response.head();
  }
  return heads;
}

}  // namespace veille::veillectl
