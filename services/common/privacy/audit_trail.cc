#include "common/privacy/audit_trail.h"

namespace veille::privacy {
namespace {

constexpr db::Query kAppendAuditEvent{"audit_events.append", R"sql(
  INSERT INTO audit_events
    (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
  VALUES ($1::uuid, $2, $3, $4, $5, $6::uuid, $7, $8)
)sql"};

}  // namespace

void AppendAuditEvent(db::WriteTx& tx, const AuditEvent& event) {
  tx.Queue(kAppendAuditEvent, event.landlord, event.actor_role, event.actor, event.method,
           event.object_kind, event.object, event.purpose, event.outcome);
}

}  // namespace veille::privacy
