#include "call_tracking/store/record_store.h"

#include "call_tracking/domain/names.h"
#include "call_tracking/store/phone_hashes.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using db::Query;

// Locks in the order that everybody keeps: queue, leases, households; each in the order of its
// keys.
constexpr Query kLockForRecords{"records.lock", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT a.ord, a.landlord_id, a.request_id, l.lease_id, l.campaign_id, l.household_id,
           l.volunteer_id, r.method AS used_by, r.object_id AS used_for
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[]) WITH ORDINALITY
         AS a (landlord_id, campaign_id, lease_id, subject, request_id, ord)
    LEFT JOIN LATERAL (
      SELECT l.lease_id, l.campaign_id, l.household_id, l.volunteer_id
      FROM leases AS l
      JOIN volunteers AS v ON v.landlord_id = l.landlord_id AND v.volunteer_id = l.volunteer_id
      WHERE l.landlord_id = a.landlord_id AND l.lease_id = a.lease_id
        AND l.campaign_id = a.campaign_id AND v.subject = a.subject
      LIMIT 1) AS l ON true
    LEFT JOIN LATERAL (
      SELECT method, object_id FROM requests
      WHERE landlord_id = a.landlord_id AND request_id = a.request_id LIMIT 1) AS r ON true
  ), queued AS MATERIALIZED (
    SELECT q.household_id
    FROM (SELECT landlord_id, campaign_id, household_id FROM asked WHERE lease_id IS NOT NULL
          ORDER BY landlord_id, household_id) AS a
    CROSS JOIN LATERAL (
      SELECT household_id FROM call_queue
      WHERE landlord_id = a.landlord_id AND campaign_id = a.campaign_id
        AND household_id = a.household_id
      LIMIT 1 FOR UPDATE) AS q
  ), held AS MATERIALIZED (
    SELECT a.landlord_id, l.lease_id, l.state, l.fence, l.phone_hash, l.phone_hashes,
           l.attempt_number
    FROM (SELECT landlord_id, lease_id FROM asked
          WHERE lease_id IS NOT NULL AND (SELECT count(*) FROM queued) >= 0
          ORDER BY landlord_id, lease_id) AS a
    CROSS JOIN LATERAL (
      SELECT lease_id, state, fence, phone_hash, phone_hashes, attempt_number FROM leases
      WHERE landlord_id = a.landlord_id AND lease_id = a.lease_id
      LIMIT 1 FOR UPDATE) AS l
  ), called AS MATERIALIZED (
    SELECT a.landlord_id, a.campaign_id, h.household_id, h.commune_code, h.time_zone,
           h.phone_hashes, h.phone_hash, h.state, h.wait_reason, h.attempts, h.next_attempt_time,
           h.objection, h.decision_reason, h.settled_state, h.weekly_volunteer_id,
           h.weekly_start_time, h.kept_until, h.to_verify, h.progress
    FROM (SELECT DISTINCT landlord_id, campaign_id, household_id FROM asked
          WHERE lease_id IS NOT NULL AND (SELECT count(*) FROM held) >= 0
          ORDER BY landlord_id, household_id) AS a
    CROSS JOIN LATERAL (
      SELECT household_id, commune_code, time_zone, phone_hashes, phone_hash, state, wait_reason,
             attempts, next_attempt_time, objection, decision_reason, settled_state,
             weekly_volunteer_id, weekly_start_time, kept_until, to_verify, progress
      FROM cohort_households
      WHERE landlord_id = a.landlord_id AND campaign_id = a.campaign_id
        AND household_id = a.household_id
      LIMIT 1 FOR UPDATE) AS h
  )
  SELECT a.ord, a.used_by, a.used_for, a.lease_id, a.campaign_id, a.household_id, a.volunteer_id,
         l.state AS lease_state, l.fence AS lease_fence, l.phone_hash AS lease_phone,
         l.phone_hashes AS lease_phones, l.attempt_number, h.commune_code, h.time_zone,
         h.phone_hashes, h.phone_hash, h.state, h.wait_reason, h.attempts, h.next_attempt_time,
         h.objection, h.decision_reason, h.settled_state, h.weekly_volunteer_id,
         h.weekly_start_time, h.kept_until, h.to_verify, h.progress,
         (SELECT v.state FROM volunteers AS v
          WHERE v.landlord_id = a.landlord_id AND v.volunteer_id = h.weekly_volunteer_id) = 'LEFT'
           AS weekly_volunteer_left,
         ARRAY(SELECT s.tenant_id FROM cohort_subjects AS s
               WHERE s.landlord_id = a.landlord_id AND s.campaign_id = a.campaign_id
                 AND s.household_id = a.household_id) AS subjects
  FROM asked AS a
  LEFT JOIN held AS l ON l.landlord_id = a.landlord_id AND l.lease_id = a.lease_id
  LEFT JOIN called AS h ON h.landlord_id = a.landlord_id AND h.campaign_id = a.campaign_id
    AND h.household_id = a.household_id
  ORDER BY a.ord
)sql"};

constexpr Query kStoreRecords{"records.store", R"sql(
  WITH done AS MATERIALIZED (
    SELECT landlord_id, campaign_id, household_id, lease_id, volunteer_id, attempt_id, request_id,
           attempt_number, dialled, disposition, dial_time, duration_seconds, record_time, subject,
           time_zone, state, wait_reason, attempts, phone_hashes, phone_hash, next_attempt_time,
           objection, decision_reason, settled_state, weekly_volunteer_id, weekly_start_time,
           kept_until, progress, to_verify,
           state IN ('PENDING', 'FOLLOWED_UP') AND next_attempt_time IS NOT NULL
             AND phone_hash IS NOT NULL AS waits
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
                $8::integer[], $9::bytea[], $10::bytea[], $11::timestamptz[], $12::integer[],
                $13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[],
                $18::integer[], $19::bytea[], $20::bytea[], $21::timestamptz[], $22::boolean[],
                $23::text[], $24::text[], $25::uuid[], $26::timestamptz[], $27::timestamptz[],
                $28::bytea[], $29::integer[])
         AS d (landlord_id, campaign_id, household_id, lease_id, volunteer_id, attempt_id,
               request_id, attempt_number, dialled, disposition, dial_time, duration_seconds,
               record_time, subject, time_zone, state, wait_reason, attempts, phone_hashes,
               phone_hash, next_attempt_time, objection, decision_reason, settled_state,
               weekly_volunteer_id, weekly_start_time, kept_until, progress, to_verify)
  ), attempted AS (
    INSERT INTO attempts (landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id,
                          request_id, attempt_number, phone_hash, disposition, dial_time,
                          duration_seconds, record_time)
    SELECT landlord_id, attempt_id, campaign_id, household_id, lease_id, volunteer_id, request_id,
           attempt_number, dialled, disposition, dial_time, duration_seconds, record_time
    FROM done
  ), ended AS (
    UPDATE leases AS l SET state = 'RECORDED', end_time = coalesce(l.end_time, veille_now())
    FROM done AS d WHERE l.landlord_id = d.landlord_id AND l.lease_id = d.lease_id
  ), stood AS (
    UPDATE cohort_households AS h
    SET state = d.state, wait_reason = d.wait_reason, attempts = d.attempts,
        phone_hashes = d.phone_hashes, phone_hash = d.phone_hash,
        next_attempt_time = d.next_attempt_time, objection = d.objection,
        decision_reason = d.decision_reason, settled_state = d.settled_state,
        weekly_volunteer_id = d.weekly_volunteer_id, weekly_start_time = d.weekly_start_time,
        kept_until = d.kept_until, progress = d.progress, to_verify = d.to_verify
    FROM done AS d
    WHERE h.landlord_id = d.landlord_id AND h.campaign_id = d.campaign_id
      AND h.household_id = d.household_id
  ), unqueued AS (
    DELETE FROM call_queue AS q USING done AS d
    WHERE q.landlord_id = d.landlord_id AND q.campaign_id = d.campaign_id
      AND q.household_id = d.household_id AND NOT d.waits
  ), queued AS (
    INSERT INTO call_queue AS q (landlord_id, campaign_id, household_id, time_zone, phone_hash,
                                 priority, due_time, is_due, volunteer_id, own_time)
    SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
           call_priority(wait_reason), greatest(next_attempt_time, kept_until),
           greatest(next_attempt_time, kept_until) <= record_time,
           CASE WHEN kept_until IS NOT NULL THEN weekly_volunteer_id END,
           CASE WHEN kept_until IS NOT NULL THEN next_attempt_time END
    FROM done WHERE waits
    ON CONFLICT ON CONSTRAINT call_queue_pk DO UPDATE
    SET phone_hash = excluded.phone_hash, priority = excluded.priority,
        due_time = excluded.due_time, is_due = excluded.is_due,
        volunteer_id = excluded.volunteer_id, own_time = excluded.own_time
  ), remembered AS (
    INSERT INTO requests (landlord_id, request_id, method, object_id)
    SELECT landlord_id, request_id, 'RecordCall', lease_id FROM done
  )
  INSERT INTO audit_events
    (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
  SELECT landlord_id, 'volunteer', subject, 'RecordCall', 'household', household_id, 'welfare call',
         'recorded'
  FROM done
)sql"};

constexpr Query kAddToFigures{"campaign_figures.add", R"sql(
  INSERT INTO campaign_figures AS f (landlord_id, campaign_id, figure, shard, amount)
  SELECT landlord_id, campaign_id, figure, $5::smallint, amount
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
       AS a (landlord_id, campaign_id, figure, amount)
  ORDER BY landlord_id, campaign_id, figure
  ON CONFLICT ON CONSTRAINT campaign_figures_pk DO UPDATE SET amount = f.amount + excluded.amount
)sql"};

constexpr Query kFindRecorded{"records.find", R"sql(
  SELECT r.attempt_id, r.household_id, r.late, h.state,
         CASE WHEN h.state IN ('PENDING', 'FOLLOWED_UP') THEN h.next_attempt_time END
           AS next_attempt_time
  FROM (
    SELECT landlord_id, campaign_id, attempt_id, household_id, volunteer_id, false AS late
    FROM attempts
    WHERE landlord_id = $1::uuid AND lease_id = $2::uuid AND request_id = $4::uuid
    UNION ALL
    SELECT landlord_id, campaign_id, attempt_id, household_id, volunteer_id, true
    FROM late_records
    WHERE landlord_id = $1::uuid AND lease_id = $2::uuid AND request_id = $4::uuid) AS r
  JOIN volunteers AS v ON v.landlord_id = r.landlord_id AND v.volunteer_id = r.volunteer_id
  JOIN cohort_households AS h ON h.landlord_id = r.landlord_id
    AND h.campaign_id = r.campaign_id AND h.household_id = r.household_id
  WHERE v.subject = $3
)sql"};

absl::StatusOr<LockedLease> ReadLocked(const db::Row& row, const privacy::Seal& seal,
                                       ids::LandlordId landlord) {
  LockedLease locked;
  const auto used_by = row.Find<std::string>("used_by");
  if (used_by.has_value()) locked.used.emplace(*used_by, row.Get<ids::Uuid>("used_for"));
  locked.found = !row.IsNull("lease_id");
  if (!locked.found) return locked;
  locked.volunteer = row.Get<VolunteerId>("volunteer_id");
  locked.state = row.Get<std::string>("lease_state");
  locked.lease.id = row.Get<ids::LeaseId>("lease_id");
  locked.lease.campaign = row.Get<ids::CampaignId>("campaign_id");
  locked.lease.household = row.Get<ids::HouseholdId>("household_id");
  locked.lease.fence = row.Get<int64_t>("lease_fence");
  locked.lease.attempt_number = row.Get<int>("attempt_number");
  locked.lease.phone_hash = row.Get<db::Bytes>("lease_phone").value;
  locked.lease.subjects = row.Get<std::vector<ids::TenantId>>("subjects");
  locked.commune_code = row.Get<std::string>("commune_code");
  locked.time_zone = row.Get<std::string>("time_zone");
  locked.weekly_volunteer_left = row.Find<bool>("weekly_volunteer_left").value_or(false);
  ASSIGN_OR_RETURN(
      locked.household,
      ReadStanding(row, seal, {landlord, locked.lease.campaign, locked.lease.household}));
  const auto shown = row.Find<db::Bytes>("lease_phones");
  locked.lease.phone_hashes =
      shown.has_value() ? SplitPhoneHashes(*shown) : locked.household.phone_hashes;
  return locked;
}

// The columns of kStoreRecords.
struct RecordColumns {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::HouseholdId> households;
  std::vector<ids::LeaseId> leases;
  std::vector<VolunteerId> volunteers;
  std::vector<ids::AttemptId> attempts;
  std::vector<ids::RequestId> requests;
  std::vector<int32_t> numbers;
  std::vector<db::Bytes> dialled;
  std::vector<db::Bytes> dispositions;
  std::vector<absl::Time> dial_times;
  std::vector<std::optional<int32_t>> durations;
  std::vector<absl::Time> record_times;
  std::vector<std::string> subjects;
  std::vector<std::string> time_zones;
  StandingColumns standings;

  void Add(const StoredRecord& record, const privacy::Seal& seal) {
    const Lease& lease = record.locked->lease;
    const CallRecord& call = *record.call;
    landlords.push_back(record.landlord);
    campaigns.push_back(lease.campaign);
    households.push_back(lease.household);
    leases.push_back(lease.id);
    volunteers.push_back(record.locked->volunteer);
    attempts.push_back(record.attempt);
    requests.push_back(call.request);
    numbers.push_back(lease.attempt_number);
    dialled.push_back({record.phone_hash});
    dispositions.push_back(seal.Close({.table = "attempts",
                                       .column = "disposition",
                                       .landlord = record.landlord,
                                       .campaign = lease.campaign,
                                       .row = record.attempt.uuid()},
                                      NameOf(call.disposition)));
    dial_times.push_back(call.dial_time.value_or(record.now));
    durations.push_back(std::nullopt);
    if (call.duration.has_value()) {
      durations.back() = static_cast<int32_t>(absl::ToInt64Seconds(*call.duration));
    }
    record_times.push_back(record.now);
    subjects.push_back(record.subject);
    time_zones.push_back(record.locked->time_zone);
    standings.Add({record.landlord, lease.campaign, lease.household}, record.household, seal);
  }
};

}  // namespace

absl::StatusOr<std::vector<LockedLease>> LockForRecords(db::WriteTx& tx, const privacy::Seal& seal,
                                                        const std::vector<RecordKey>& keys) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::LeaseId> leases;
  std::vector<std::string> subjects;
  std::vector<ids::RequestId> requests;
  for (const RecordKey& key : keys) {
    landlords.push_back(key.ref.landlord);
    campaigns.push_back(key.ref.campaign);
    leases.push_back(key.ref.lease);
    subjects.push_back(key.ref.subject);
    requests.push_back(key.request);
  }
  std::vector<LockedLease> locked;
  for (const db::Row row :
       tx.Run(kLockForRecords, landlords, campaigns, leases, subjects, requests)) {
    ASSIGN_OR_RETURN(LockedLease lease, ReadLocked(row, seal, landlords[locked.size()]));
    locked.push_back(std::move(lease));
  }
  return locked;
}

void StoreRecords(db::WriteTx& tx, const privacy::Seal& seal,
                  const std::vector<StoredRecord>& records) {
  if (records.empty()) return;
  RecordColumns c;
  for (const StoredRecord& record : records) c.Add(record, seal);
  const StandingColumns& h = c.standings;
  tx.Queue(kStoreRecords, c.landlords, c.campaigns, c.households, c.leases, c.volunteers,
           c.attempts, c.requests, c.numbers, c.dialled, c.dispositions, c.dial_times, c.durations,
           c.record_times, c.subjects, c.time_zones, h.states, h.waits, h.attempts, h.phones,
           h.next_phones, h.next_times, h.objections, h.decisions, h.settled, h.weekly_volunteers,
           h.weekly_starts, h.kept_untils, h.progress, h.to_verify);
}

void AddToFigures(db::WriteTx& tx, const std::map<FigureKey, int64_t>& amounts, int shard) {
  if (amounts.empty()) return;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<std::string> figures;
  std::vector<int64_t> added;
  for (const auto& [key, amount] : amounts) {
    landlords.push_back(key.first.first);
    campaigns.push_back(key.first.second);
    figures.push_back(key.second);
    added.push_back(amount);
  }
  tx.Queue(kAddToFigures, landlords, campaigns, figures, added, shard);
}

std::optional<RecordedAttempt> FindRecorded(db::ReadTx& tx, const LeaseRef& ref,
                                            ids::RequestId request) {
  const db::Rows rows = tx.Run(kFindRecorded, ref.landlord, ref.lease, ref.subject, request);
  if (rows.empty()) return std::nullopt;
  return RecordedAttempt{.attempt = rows[0].Get<ids::AttemptId>("attempt_id"),
                         .household = rows[0].Get<ids::HouseholdId>("household_id"),
                         .late = rows[0].Get<bool>("late"),
                         .state = FromName<HouseholdState>(rows[0].Get<std::string>("state"))
                                      .value_or(HouseholdState::kPending),
                         .next_attempt_time = rows[0].Find<absl::Time>("next_attempt_time")};
}

const db::Query& LockForRecordsQuery() { return kLockForRecords; }
const db::Query& StoreRecordsQuery() { return kStoreRecords; }
const db::Query& AddToFiguresQuery() { return kAddToFigures; }

}  // namespace veille::call_tracking
