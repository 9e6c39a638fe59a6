#include "common/audit/event_rows.h"

namespace veille::audit {
namespace {

ChainedEvent EventFromRow(const db::Row& row) {
  ChainedEvent chained{.sequence = row.Get<int64_t>("sequence"),
                       .salt = row.Find<ids::Uuid>("salt").value_or(ids::Uuid())};
  Event& event = chained.event;
  event.landlord = row.Get<ids::LandlordId>("landlord_id");
  event.id = row.Get<ids::Uuid>("event_id");
  event.time = row.Get<absl::Time>("event_time");
  event.actor_role = row.Get<std::string>("actor_role");
  event.actor = row.Get<std::string>("actor");
  event.method = row.Get<std::string>("method");
  event.object_kind = row.Get<std::string>("object_kind");
  event.object = row.Get<ids::Uuid>("object_id");
  event.household = row.Find<ids::HouseholdId>("household_id").value_or(ids::HouseholdId());
  event.purpose = row.Get<std::string>("purpose");
  event.reason = row.Get<std::string>("reason");
  event.outcome = row.Get<std::string>("outcome");
  return chained;
}

}  // namespace

std::vector<ChainedEvent> EventsFrom(const db::Rows& rows) {
  std::vector<ChainedEvent> events;
  events.reserve(rows.size());
  for (const db::Row row : rows) events.push_back(EventFromRow(row));
  return events;
}

}  // namespace veille::audit
