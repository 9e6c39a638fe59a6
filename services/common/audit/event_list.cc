#include "common/audit/event_list.h"

#include "common/audit/event_rows.h"

namespace veille::audit {
namespace {

using db::Query;

// What an event is about is looked for by one index at a time: each filter that has one is a
// statement of its own.
constexpr Query kListByObject{"audit_events.list_by_object", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, coalesce(sequence, 0) AS sequence, salt
  FROM (
    SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
           household_id, purpose, reason, outcome, sequence, salt
    FROM audit_events
    WHERE landlord_id = $1::uuid AND object_id = $9::uuid
    UNION ALL
    SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
           household_id, purpose, reason, outcome, sequence, salt
    FROM audit_events
    WHERE landlord_id = $1::uuid AND household_id = $9::uuid AND object_id <> $9::uuid) AS e
  WHERE (event_time, event_id) < ($2::timestamptz, $3::uuid)
    AND event_time >= $4::timestamptz AND event_time < $5::timestamptz
    AND ($6 = '' OR method = $6) AND (NOT $7::boolean OR reason <> '')
    AND (NOT $8::boolean OR starts_with(outcome, 'denied')) AND ($10 = '' OR actor = $10)
  ORDER BY event_time DESC, event_id DESC LIMIT $11
)sql"};

constexpr Query kListByActor{"audit_events.list_by_actor", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, coalesce(sequence, 0) AS sequence, salt
  FROM audit_events
  WHERE landlord_id = $1::uuid AND actor = $9
    AND (event_time, event_id) < ($2::timestamptz, $3::uuid)
    AND event_time >= $4::timestamptz AND event_time < $5::timestamptz
    AND ($6 = '' OR method = $6) AND (NOT $7::boolean OR reason <> '')
    AND (NOT $8::boolean OR starts_with(outcome, 'denied'))
  ORDER BY event_time DESC, event_id DESC LIMIT $10
)sql"};

constexpr Query kListByTime{"audit_events.list_by_time", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, coalesce(sequence, 0) AS sequence, salt
  FROM audit_events
  WHERE landlord_id = $1::uuid
    AND (event_time, event_id) < ($2::timestamptz, $3::uuid)
    AND event_time >= $4::timestamptz AND event_time < $5::timestamptz
    AND ($6 = '' OR method = $6) AND (NOT $7::boolean OR reason <> '')
    AND (NOT $8::boolean OR starts_with(outcome, 'denied'))
  ORDER BY event_time DESC, event_id DESC LIMIT $9
)sql"};

constexpr Query kListStandingOut{"audit_events.list_standing_out", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, coalesce(sequence, 0) AS sequence, salt
  FROM audit_events
  WHERE landlord_id = $1::uuid
    AND (reason <> '' OR starts_with(outcome, 'denied'))  -- as the index has it
    AND (event_time, event_id) < ($2::timestamptz, $3::uuid)
    AND event_time >= $4::timestamptz AND event_time < $5::timestamptz
    AND ($6 = '' OR method = $6) AND (NOT $7::boolean OR reason <> '')
    AND (NOT $8::boolean OR starts_with(outcome, 'denied'))
  ORDER BY event_time DESC, event_id DESC LIMIT $9
)sql"};

}  // namespace

std::vector<ChainedEvent> ListEvents(db::ReadTx& tx, ids::LandlordId landlord,
                                     const EventFilter& filter, const EventPlace& after, int most) {
  if (filter.object.has_value()) {
    return EventsFrom(tx.Run(kListByObject, landlord, after.time, after.id, filter.start,
                             filter.end, filter.method, filter.only_with_reason, filter.only_denied,
                             *filter.object, filter.actor, most));
  }
  if (!filter.actor.empty()) {
    return EventsFrom(tx.Run(kListByActor, landlord, after.time, after.id, filter.start, filter.end,
                             filter.method, filter.only_with_reason, filter.only_denied,
                             filter.actor, most));
  }
  const bool stands_out = filter.only_with_reason || filter.only_denied;
  return EventsFrom(tx.Run(stands_out ? kListStandingOut : kListByTime, landlord, after.time,
                           after.id, filter.start, filter.end, filter.method,
                           filter.only_with_reason, filter.only_denied, most));
}

}  // namespace veille::audit
