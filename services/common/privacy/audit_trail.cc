#include "common/privacy/audit_trail.h"

#include <optional>

namespace veille::privacy {
namespace {

constexpr db::Query kAppendAuditEvent{"audit_events.append", R"sql(
  INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, purpose,
                            outcome, household_id, reason)
  VALUES ($1::uuid, $2, $3, $4, $5, $6::uuid, $7, $8, $9::uuid, $10)
)sql"};

constexpr db::Query kAppendAuditEvents{"audit_events.append_all", R"sql(
  INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, purpose,
                            outcome, household_id, reason)
  SELECT $1::uuid, $2, $3, $4, $5, o.object_id, $6, $7, o.household_id, $8
  FROM unnest($9::uuid[], $10::uuid[]) AS o (object_id, household_id)
)sql"};

std::optional<ids::HouseholdId> Present(ids::HouseholdId household) {
  return household.is_nil() ? std::nullopt : std::optional(household);
}

}  // namespace

void AppendAuditEvent(db::WriteTx& tx, const AuditEvent& event) {
  tx.Queue(kAppendAuditEvent, event.landlord, event.actor_role, event.actor, event.method,
           event.object_kind, event.object, event.purpose, event.outcome, Present(event.household),
           event.reason);
}

void AppendAuditEvents(db::WriteTx& tx, const AuditEvent& event,
                       const std::vector<AuditedObject>& objects) {
  if (objects.empty()) return;
  std::vector<ids::Uuid> ids;
  std::vector<std::optional<ids::HouseholdId>> households;
  for (const AuditedObject& object : objects) {
    ids.push_back(object.object);
    households.push_back(Present(object.household));
  }
  tx.Queue(kAppendAuditEvents, event.landlord, event.actor_role, event.actor, event.method,
           event.object_kind, event.purpose, event.outcome, event.reason, ids, households);
}

}  // namespace veille::privacy
