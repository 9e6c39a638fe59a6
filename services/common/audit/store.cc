#include "common/audit/store.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/audit/event_rows.h"
#include "common/db/landlords.h"

namespace veille::audit {
namespace {

using db::Query;

// "veille au": nothing else locks by this number.
constexpr int64_t kTurn = 0x7665696c6c652061;

constexpr Query kTakeTurn{"audit_trail.take_turn", "SELECT pg_try_advisory_xact_lock($1) AS mine"};

constexpr Query kHoldStill{"audit_trail.hold_still", "SELECT pg_advisory_xact_lock_shared($1)"};

constexpr Query kReadTime{"audit_trail.time", "SELECT veille_now() AS now"};

constexpr Query kTakeWaiting{"audit_events.take_waiting", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, 0::bigint AS sequence, salt
  FROM take_waiting_audit_events($1)
)sql"};

constexpr Query kListHeads{"audit_batches.list_heads", R"sql(
  SELECT l.landlord_id, b.batch, b.last_sequence, b.head, b.chain_time, b.key_id, b.signature
  FROM unnest($1::uuid[]) AS l (landlord_id)
  CROSS JOIN LATERAL (
    SELECT batch, last_sequence, head, chain_time, key_id, signature
    FROM audit_batches WHERE landlord_id = l.landlord_id ORDER BY batch DESC LIMIT 1) AS b
)sql"};

constexpr Query kInsertChained{"audit_events.insert_chained", R"sql(
  INSERT INTO audit_events (landlord_id, event_id, event_time, actor_role, actor, method,
                            object_kind, object_id, household_id, purpose, reason, outcome,
                            is_chained, sequence, salt)
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, true, sequence, salt
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
              $7::text[], $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::text[],
              $13::bigint[], $14::uuid[])
    AS e (landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
          household_id, purpose, reason, outcome, sequence, salt)
)sql"};

constexpr Query kInsertBatches{"audit_batches.insert", R"sql(
  INSERT INTO audit_batches (landlord_id, batch, first_sequence, last_sequence, newest_time,
                             chain_time, commitments, head, key_id, signature)
  SELECT landlord_id, batch, first_sequence, last_sequence, newest_time, chain_time, commitments,
         head, key_id, signature
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[],
              $6::timestamptz[], $7::bytea[], $8::bytea[], $9::text[], $10::bytea[])
    AS b (landlord_id, batch, first_sequence, last_sequence, newest_time, chain_time, commitments,
          head, key_id, signature)
)sql"};

constexpr Query kEraseBatches{"audit_batches.erase", R"sql(
  SELECT landlord_id, events FROM erase_audit_batches($1, $2)
)sql"};

constexpr Query kAppendDenials{"audit_events.append_denials", R"sql(
  INSERT INTO audit_events (landlord_id, event_time, actor_role, actor, method, object_kind,
                            object_id, purpose, outcome)
  SELECT landlord_id, event_time, actor_role, actor, method, 'unknown',
         '00000000-0000-0000-0000-000000000000', '', outcome
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS d (landlord_id, event_time, actor_role, actor, method, outcome)
)sql"};

constexpr Query kReadWaiting{"audit_events.count_all_waiting", R"sql(
  SELECT events, oldest_seconds FROM count_waiting_audit_events($1)
)sql"};

constexpr Query kFindNewestHead{"audit_batches.find_newest_head", R"sql(
  SELECT batch, last_sequence, head, chain_time, key_id, signature
  FROM audit_batches WHERE landlord_id = $1::uuid ORDER BY batch DESC LIMIT 1
)sql"};

constexpr Query kFindHead{"audit_batches.find_head", R"sql(
  SELECT batch, last_sequence, head, chain_time, key_id, signature
  FROM audit_batches WHERE landlord_id = $1::uuid AND batch = $2
)sql"};

constexpr Query kListBatches{"audit_batches.list", R"sql(
  SELECT batch, first_sequence, last_sequence, newest_time, chain_time, commitments, head, key_id,
         signature, erase_time IS NOT NULL AS is_erased
  FROM (
    SELECT batch, first_sequence, last_sequence, newest_time, chain_time, commitments, head, key_id,
           signature, erase_time,
           sum(octet_length(commitments)) OVER (ORDER BY batch) - octet_length(commitments)
             AS before
    FROM (
      SELECT batch, first_sequence, last_sequence, newest_time, chain_time, commitments, head,
             key_id, signature, erase_time
      FROM audit_batches WHERE landlord_id = $1::uuid AND batch > $2
      ORDER BY batch LIMIT 1000) AS next) AS b
  WHERE before < $3 * 32 ORDER BY batch
)sql"};

constexpr Query kListChained{"audit_events.list_chained", R"sql(
  SELECT landlord_id, event_id, event_time, actor_role, actor, method, object_kind, object_id,
         household_id, purpose, reason, outcome, sequence, salt
  FROM audit_events
  WHERE landlord_id = $1::uuid AND is_chained AND sequence BETWEEN $2 AND $3
  ORDER BY sequence LIMIT $4
)sql"};

constexpr Query kCountWaiting{"audit_events.count_waiting", R"sql(
  SELECT count(*) AS events FROM audit_events WHERE landlord_id = $1::uuid AND NOT is_chained
)sql"};

Head HeadFromRow(const db::Row& row) {
  return {.batch = row.Get<int64_t>("batch"),
          .sequence = row.Get<int64_t>("last_sequence"),
          .hash = row.Get<db::Bytes>("head").value,
          .chain_time = row.Get<absl::Time>("chain_time"),
          .key_id = row.Get<std::string>("key_id"),
          .signature = row.Get<db::Bytes>("signature").value};
}

std::optional<Head> FirstHead(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return HeadFromRow(rows[0]);
}

Batch BatchFromRow(const db::Row& row) {
  return {.number = row.Get<int64_t>("batch"),
          .first_sequence = row.Get<int64_t>("first_sequence"),
          .last_sequence = row.Get<int64_t>("last_sequence"),
          .newest_time = row.Get<absl::Time>("newest_time"),
          .commitments = row.Get<db::Bytes>("commitments").value,
          .head = HeadFromRow(row),
          .is_erased = row.Get<bool>("is_erased")};
}

struct Columns {
  void Add(const ChainedEvent& chained) {
    const Event& event = chained.event;
    landlords.push_back(event.landlord);
    ids.push_back(event.id);
    times.push_back(event.time);
    roles.push_back(event.actor_role);
    actors.push_back(event.actor);
    methods.push_back(event.method);
    kinds.push_back(event.object_kind);
    objects.push_back(event.object);
    households.push_back(event.household.is_nil() ? std::nullopt : std::optional(event.household));
    purposes.push_back(event.purpose);
    reasons.push_back(event.reason);
    outcomes.push_back(event.outcome);
    sequences.push_back(chained.sequence);
    salts.push_back(chained.salt);
  }

  std::vector<ids::LandlordId> landlords;
  std::vector<ids::Uuid> ids;
  std::vector<absl::Time> times;
  std::vector<std::string> roles;
  std::vector<std::string> actors;
  std::vector<std::string> methods;
  std::vector<std::string> kinds;
  std::vector<ids::Uuid> objects;
  std::vector<std::optional<ids::HouseholdId>> households;
  std::vector<std::string> purposes;
  std::vector<std::string> reasons;
  std::vector<std::string> outcomes;
  std::vector<int64_t> sequences;
  std::vector<ids::Uuid> salts;
};

}  // namespace

bool TakeTurn(db::WriteTx& tx) { return tx.Run(kTakeTurn, kTurn)[0].Get<bool>("mine"); }

absl::Time ReadTime(db::ReadTx& tx) { return tx.Run(kReadTime)[0].Get<absl::Time>("now"); }

void HoldStill(db::ReadTx& tx) { tx.Run(kHoldStill, kTurn); }

std::vector<ChainedEvent> TakeWaiting(db::WriteTx& tx, int most) {
  std::vector<ChainedEvent> events = EventsFrom(tx.Run(kTakeWaiting, most));
  std::sort(events.begin(), events.end(), [](const ChainedEvent& a, const ChainedEvent& b) {
    return std::tie(a.event.landlord, a.event.time, a.event.id) <
           std::tie(b.event.landlord, b.event.time, b.event.id);
  });
  return events;
}

std::vector<LandlordHead> ListHeads(db::ReadTx& tx, const std::vector<ids::LandlordId>& landlords) {
  std::vector<LandlordHead> heads;
  for (const db::Row row : tx.Run(kListHeads, landlords)) {
    heads.push_back({row.Get<ids::LandlordId>("landlord_id"), HeadFromRow(row)});
  }
  return heads;
}

void InsertChained(db::WriteTx& tx, const std::vector<ChainedEvent>& events) {
  Columns columns;
  for (const ChainedEvent& chained : events) columns.Add(chained);
  tx.Queue(kInsertChained, columns.landlords, columns.ids, columns.times, columns.roles,
           columns.actors, columns.methods, columns.kinds, columns.objects, columns.households,
           columns.purposes, columns.reasons, columns.outcomes, columns.sequences, columns.salts);
}

void InsertBatches(db::WriteTx& tx, const std::vector<LandlordBatch>& batches) {
  std::vector<ids::LandlordId> landlords;
  std::vector<int64_t> numbers;
  std::vector<int64_t> firsts;
  std::vector<int64_t> lasts;
  std::vector<absl::Time> newest_times;
  std::vector<absl::Time> chain_times;
  std::vector<db::Bytes> commitments;
  std::vector<db::Bytes> heads;
  std::vector<std::string> key_ids;
  std::vector<db::Bytes> signatures;
  for (const auto& [landlord, batch] : batches) {
    landlords.push_back(landlord);
    numbers.push_back(batch.number);
    firsts.push_back(batch.first_sequence);
    lasts.push_back(batch.last_sequence);
    newest_times.push_back(batch.newest_time);
    chain_times.push_back(batch.head.chain_time);
    commitments.push_back({batch.commitments});
    heads.push_back({batch.head.hash});
    key_ids.push_back(batch.head.key_id);
    signatures.push_back({batch.head.signature});
  }
  tx.Queue(kInsertBatches, landlords, numbers, firsts, lasts, newest_times, chain_times,
           commitments, heads, key_ids, signatures);
}

std::vector<ErasedEvents> EraseBatches(db::WriteTx& tx, absl::Duration keep, int most) {
  std::vector<ErasedEvents> erased;
  for (const db::Row row : tx.Run(kEraseBatches, absl::ToInt64Seconds(keep), most)) {
    erased.push_back({row.Get<ids::LandlordId>("landlord_id"), row.Get<int64_t>("events")});
  }
  return erased;
}

void AppendDenials(db::WriteTx& tx, const std::string& service, const Denials::Gathered& gathered) {
  std::vector<ids::LandlordId> landlords;
  std::vector<absl::Time> times;
  std::vector<std::string> roles;
  std::vector<std::string> actors;
  std::vector<std::string> methods;
  std::vector<std::string> outcomes;
  const auto add = [&](const Denied& denied, absl::Time time, std::string outcome) {
    landlords.push_back(denied.landlord);
    times.push_back(time);
    roles.push_back(denied.actor_role);
    actors.push_back(denied.actor);
    methods.push_back(denied.method);
    outcomes.push_back(std::move(outcome));
  };
  for (const Denial& denial : gathered.denials) {
    add(denial.denied, denial.first_time,
        absl::StrCat("denied", denial.times == 1 ? "" : absl::StrCat(" ", denial.times, " times"),
                     denial.denied.missed ? ", not found" : ""));
  }
  if (gathered.lost > 0) {
    add({.actor_role = "service", .actor = service, .method = "several"}, ReadTime(tx),
        absl::StrCat("denied ", gathered.lost, " times, by whom was not kept"));
  }
  tx.ActFor(db::LandlordsOf(landlords, std::identity()));
  tx.Queue(kAppendDenials, landlords, times, roles, actors, methods, outcomes);
}

Waiting ReadWaiting(db::ReadTx& tx) {
  const db::Rows rows = tx.Run(kReadWaiting, kMostCounted);
  return {rows[0].Get<int64_t>("events"), absl::Seconds(rows[0].Get<double>("oldest_seconds"))};
}

std::optional<Head> FindNewestHead(db::ReadTx& tx, ids::LandlordId landlord) {
  return FirstHead(tx.Run(kFindNewestHead, landlord));
}

std::optional<Head> FindHead(db::ReadTx& tx, ids::LandlordId landlord, int64_t batch) {
  return FirstHead(tx.Run(kFindHead, landlord, batch));
}

std::vector<Batch> ListBatches(db::ReadTx& tx, ids::LandlordId landlord, int64_t batch,
                               int64_t events) {
  std::vector<Batch> batches;
  for (const db::Row row : tx.Run(kListBatches, landlord, batch, events)) {
    batches.push_back(BatchFromRow(row));
  }
  return batches;
}

std::vector<ChainedEvent> ListChained(db::ReadTx& tx, ids::LandlordId landlord, int64_t first,
                                      int64_t last, int most) {
  return EventsFrom(tx.Run(kListChained, landlord, first, last, most));
}

int64_t CountWaiting(db::ReadTx& tx, ids::LandlordId landlord) {
  return tx.Run(kCountWaiting, landlord)[0].Get<int64_t>("events");
}

}  // namespace veille::audit
