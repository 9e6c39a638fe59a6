#include "tenant_registry/store/audit_store.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kAppendReadEvents{"audit_events.append_reads", R"sql(
  INSERT INTO audit_events
    (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, reason,
     outcome)
  SELECT $1::uuid, $2, $3, $4, 'household', k.household_id, $5, $6, 'done'
  FROM unnest($7::uuid[]) AS k (household_id)
)sql"};

}  // namespace

void AppendReadEvents(db::WriteTx& tx, const Reading& reading,
                      const std::vector<HouseholdId>& households) {
  if (households.empty()) return;
  tx.Queue(kAppendReadEvents, reading.landlord, reading.actor_role, reading.actor, reading.method,
           reading.purpose, reading.reason, households);
}

}  // namespace veille::tenant_registry
