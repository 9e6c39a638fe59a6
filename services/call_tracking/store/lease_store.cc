#include "call_tracking/store/lease_store.h"

#include <map>

#include "call_tracking/store/phone_hashes.h"

namespace veille::call_tracking {
namespace {

using db::Query;

// asked:  the batch, with what is known about each: one row per caller
// judged: what each gets, but for households
// wanted: how many households each campaign must give
// picked: so many due households per open time zone, locked; a phone that is being called is
// skipped paired: callers and households in order, each phone once granted, and what follows from a
// grant: out of the queue, LEASED with the next fence, request and audit event. A household whose
// lease meets another live one (ON CONFLICT) stays as it was. The look-ups are LATERAL with LIMIT
// so that each stays an index look-up whatever the planner knows.
constexpr Query kGrantLeases{"leases.grant", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT a.ord, a.landlord_id, a.campaign_id, a.subject, a.request_id, a.lease_id, a.ask_time,
           c.state AS campaign_state, c.start_time, c.end_time, v.volunteer_id,
           held.lease_id AS held_id, held.expire_time AS held_until,
           r.method AS used_by, r.object_id AS used_for
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::timestamptz[])
         WITH ORDINALITY
         AS a (landlord_id, campaign_id, subject, request_id, lease_id, ask_time, ord)
    LEFT JOIN LATERAL (
      SELECT state, start_time, end_time FROM campaigns
      WHERE landlord_id = a.landlord_id AND campaign_id = a.campaign_id LIMIT 1) AS c ON true
    LEFT JOIN LATERAL (
      SELECT volunteer_id FROM volunteers
      WHERE landlord_id = a.landlord_id AND subject = a.subject AND state = 'ACTIVE'
      LIMIT 1) AS v ON true
    LEFT JOIN LATERAL (
      SELECT lease_id, expire_time FROM leases
      WHERE landlord_id = a.landlord_id AND volunteer_id = v.volunteer_id AND state = 'LIVE'
      LIMIT 1) AS held ON true
    LEFT JOIN LATERAL (
      SELECT method, object_id FROM requests
      WHERE landlord_id = a.landlord_id AND request_id = a.request_id LIMIT 1) AS r ON true
  ), judged AS MATERIALIZED (
    SELECT ord, landlord_id, campaign_id, subject, request_id, lease_id, ask_time, volunteer_id,
           held_id,
           CASE
             WHEN campaign_state IS NULL THEN 'CAMPAIGN_NOT_FOUND'
             WHEN volunteer_id IS NULL THEN 'NOT_ENROLLED'
             WHEN held_until <= veille_now() THEN 'STALE'
             WHEN used_by IS NOT NULL
                  AND (used_by <> 'LeaseNextCall' OR used_for IS DISTINCT FROM held_id)
               THEN 'REQUEST_REUSED'
             WHEN held_id IS NOT NULL THEN 'HELD'
             WHEN campaign_state <> 'RUNNING' OR ask_time < start_time OR ask_time >= end_time
               THEN 'NOT_RUNNING'
             ELSE 'WANTED'
           END AS verdict
    FROM asked
  ), wanted AS MATERIALIZED (
    SELECT landlord_id, campaign_id, count(*) AS households, max(ask_time) AS ask_time
    FROM judged WHERE verdict = 'WANTED' GROUP BY landlord_id, campaign_id
  ), picked AS MATERIALIZED (
    SELECT w.landlord_id, w.campaign_id, q.household_id, q.phone_hash, q.priority, q.due_time
    FROM wanted AS w
    JOIN campaign_zones AS z
      ON z.landlord_id = w.landlord_id AND z.campaign_id = w.campaign_id
      AND z.open_from <= w.ask_time AND w.ask_time < z.open_until
    CROSS JOIN LATERAL (
      SELECT household_id, phone_hash, priority, due_time
      FROM call_queue AS waiting
      WHERE waiting.landlord_id = z.landlord_id AND waiting.campaign_id = z.campaign_id
        AND waiting.time_zone = z.time_zone AND waiting.is_due
        AND (SELECT busy.lease_id FROM leases AS busy
             WHERE busy.landlord_id = waiting.landlord_id
               AND busy.phone_hash = waiting.phone_hash AND busy.state = 'LIVE' LIMIT 1) IS NULL
        AND (SELECT busy.lease_id FROM leases AS busy  -- of another campaign
             WHERE busy.landlord_id = waiting.landlord_id
               AND busy.household_id = waiting.household_id AND busy.state = 'LIVE' LIMIT 1) IS NULL
      ORDER BY waiting.priority, waiting.due_time, waiting.household_id
      LIMIT w.households FOR UPDATE OF waiting SKIP LOCKED) AS q
  ), offered AS MATERIALIZED (
    SELECT landlord_id, campaign_id,
           array_agg(household_id ORDER BY priority, due_time, household_id) AS households
    FROM (SELECT landlord_id, campaign_id, household_id, priority, due_time,
                 row_number() OVER (PARTITION BY landlord_id, phone_hash
                                    ORDER BY priority, due_time, household_id) AS twin
          FROM picked) AS by_phone
    WHERE twin = 1 GROUP BY landlord_id, campaign_id
  ), callers AS MATERIALIZED (
    SELECT c.landlord_id, c.campaign_id, c.volunteer_id, c.request_id, c.lease_id,
           o.households[c.place] AS household_id
    FROM (SELECT landlord_id, campaign_id, volunteer_id, request_id, lease_id,
                 row_number() OVER (PARTITION BY landlord_id, campaign_id ORDER BY ord) AS place
          FROM judged WHERE verdict = 'WANTED') AS c
    JOIN offered AS o ON o.landlord_id = c.landlord_id AND o.campaign_id = c.campaign_id
  ), paired AS MATERIALIZED (
    SELECT c.landlord_id, c.lease_id, c.campaign_id, c.household_id, c.volunteer_id, c.request_id,
           h.phone_hash, h.fence + 1 AS fence, h.attempts + 1 AS attempt_number
    FROM callers AS c
    CROSS JOIN LATERAL (
      SELECT phone_hash, fence, attempts FROM cohort_households
      WHERE landlord_id = c.landlord_id AND campaign_id = c.campaign_id
        AND household_id = c.household_id AND state = 'PENDING' AND phone_hash IS NOT NULL
      LIMIT 1) AS h
  ), granted AS (
    INSERT INTO leases (landlord_id, lease_id, campaign_id, household_id, volunteer_id, request_id,
                        phone_hash, fence, attempt_number, grant_time, expire_time)
    SELECT landlord_id, lease_id, campaign_id, household_id, volunteer_id, request_id, phone_hash,
           fence, attempt_number, veille_now(), veille_now() + $7 * interval '1 millisecond'
    FROM paired ORDER BY landlord_id, phone_hash
    ON CONFLICT DO NOTHING
    RETURNING landlord_id, lease_id, campaign_id, household_id, request_id, phone_hash, fence,
              attempt_number, weekly_call, expire_time
  ), taken AS (
    DELETE FROM call_queue AS q USING granted AS g
    WHERE q.landlord_id = g.landlord_id AND q.campaign_id = g.campaign_id
      AND q.household_id = g.household_id
  ), marked AS (
    UPDATE cohort_households AS h SET state = 'LEASED', fence = g.fence, next_attempt_time = NULL
    FROM granted AS g
    WHERE h.landlord_id = g.landlord_id AND h.campaign_id = g.campaign_id
      AND h.household_id = g.household_id
  ), remembered AS (
    INSERT INTO requests (landlord_id, request_id, method, object_id)
    SELECT landlord_id, request_id, 'LeaseNextCall', lease_id FROM granted
  ), answered AS MATERIALIZED (
    SELECT j.ord, j.landlord_id, j.subject,
           CASE WHEN j.verdict <> 'WANTED' THEN j.verdict
                WHEN g.lease_id IS NOT NULL THEN 'GRANTED'
                WHEN (SELECT count(*) FROM picked AS p WHERE p.landlord_id = j.landlord_id
                        AND p.campaign_id = j.campaign_id)
                   > (SELECT count(*) FROM granted AS had WHERE had.landlord_id = j.landlord_id
                        AND had.campaign_id = j.campaign_id) THEN 'LOST'
                ELSE 'NONE_DUE'
           END AS verdict,
           coalesce(g.lease_id, held.lease_id) AS lease_id,
           coalesce(g.campaign_id, held.campaign_id) AS campaign_id,
           coalesce(g.household_id, held.household_id) AS household_id,
           coalesce(g.fence, held.fence) AS fence,
           coalesce(g.expire_time, held.expire_time) AS expire_time,
           coalesce(g.attempt_number, held.attempt_number) AS attempt_number,
           coalesce(g.weekly_call, held.weekly_call) AS weekly_call,
           coalesce(g.phone_hash, held.phone_hash) AS phone_hash
    FROM judged AS j
    LEFT JOIN granted AS g ON g.landlord_id = j.landlord_id AND g.lease_id = j.lease_id
    LEFT JOIN LATERAL (
      SELECT lease_id, campaign_id, household_id, fence, expire_time, attempt_number, weekly_call,
             phone_hash
      FROM leases
      WHERE j.verdict = 'HELD' AND landlord_id = j.landlord_id AND lease_id = j.held_id
      LIMIT 1) AS held ON true
  ), audited AS (
    INSERT INTO audit_events
      (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
    SELECT landlord_id, 'volunteer', subject, 'LeaseNextCall', 'household', household_id,
           'welfare call', lower(verdict)
    FROM answered WHERE verdict IN ('GRANTED', 'HELD')
  )
  SELECT a.ord, a.verdict, a.lease_id, a.campaign_id, a.household_id, a.fence, a.expire_time,
         a.attempt_number, a.weekly_call, a.phone_hash, h.phone_hashes, h.subjects
  FROM answered AS a
  LEFT JOIN LATERAL (
    SELECT phone_hashes,
           ARRAY(SELECT s.tenant_id FROM cohort_subjects AS s
                 WHERE s.landlord_id = a.landlord_id AND s.campaign_id = a.campaign_id
                   AND s.household_id = a.household_id AND s.active
                 ORDER BY s.tenant_id) AS subjects
    FROM cohort_households
    WHERE landlord_id = a.landlord_id AND campaign_id = a.campaign_id
      AND household_id = a.household_id
    LIMIT 1) AS h ON true
  ORDER BY a.ord
)sql"};

constexpr Query kRenewLeases{"leases.renew", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT a.ord, a.landlord_id, a.request_id, a.fence AS asked_fence, l.lease_id, l.campaign_id,
           l.household_id, l.fence, l.state, l.expire_time, l.attempt_number, l.weekly_call,
           l.phone_hash, r.method AS used_by, r.object_id AS used_for
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[])
         WITH ORDINALITY
         AS a (landlord_id, campaign_id, lease_id, subject, request_id, fence, ord)
    LEFT JOIN LATERAL (
      SELECT l.lease_id, l.campaign_id, l.household_id, l.fence, l.state, l.expire_time,
             l.attempt_number, l.weekly_call, l.phone_hash
      FROM leases AS l
      JOIN volunteers AS v ON v.landlord_id = l.landlord_id AND v.volunteer_id = l.volunteer_id
      WHERE l.landlord_id = a.landlord_id AND l.lease_id = a.lease_id
        AND l.campaign_id = a.campaign_id AND v.subject = a.subject
      LIMIT 1) AS l ON true
    LEFT JOIN LATERAL (
      SELECT method, object_id FROM requests
      WHERE landlord_id = a.landlord_id AND request_id = a.request_id LIMIT 1) AS r ON true
  ), judged AS MATERIALIZED (
    SELECT ord, landlord_id, request_id, lease_id, household_id, campaign_id, fence, expire_time,
           attempt_number, weekly_call, phone_hash,
           CASE
             WHEN lease_id IS NULL THEN 'NOT_FOUND'
             WHEN fence <> asked_fence THEN 'FENCE_MISMATCH'
             WHEN used_by IS NOT NULL AND (used_by <> 'RenewLease' OR used_for <> lease_id)
               THEN 'REQUEST_REUSED'
             WHEN state IN ('RECORDED', 'RELEASED') THEN 'FINISHED'
             WHEN state = 'LIVE' AND expire_time > veille_now() AND used_by IS NOT NULL
               THEN 'REPEATED'
             WHEN state = 'LIVE' AND expire_time > veille_now() THEN 'LIVE'
             ELSE 'EXPIRED'
           END AS verdict
    FROM asked
  ), renewed AS (
    UPDATE leases AS l
    SET expire_time = greatest(l.expire_time, veille_now() + $7 * interval '1 millisecond')
    FROM judged AS j
    WHERE j.verdict = 'LIVE' AND l.landlord_id = j.landlord_id AND l.lease_id = j.lease_id
      AND l.state = 'LIVE' AND l.fence = j.fence
    RETURNING l.landlord_id, l.lease_id, l.expire_time
  ), remembered AS (
    INSERT INTO requests (landlord_id, request_id, method, object_id)
    SELECT j.landlord_id, j.request_id, 'RenewLease', j.lease_id
    FROM judged AS j JOIN renewed AS r ON r.landlord_id = j.landlord_id AND r.lease_id = j.lease_id
    ON CONFLICT DO NOTHING
  )
  SELECT j.ord,
         CASE WHEN r.lease_id IS NOT NULL OR j.verdict = 'REPEATED' THEN 'RENEWED'
              WHEN j.verdict = 'LIVE' THEN 'EXPIRED'
              WHEN j.verdict = 'EXPIRED' AND h.fence > j.fence THEN 'LOST'
              ELSE j.verdict END AS verdict,
         j.lease_id, j.campaign_id, j.household_id, j.fence,
         coalesce(r.expire_time, j.expire_time) AS expire_time, j.attempt_number, j.weekly_call,
         j.phone_hash, h.phone_hashes
  FROM judged AS j
  LEFT JOIN renewed AS r ON r.landlord_id = j.landlord_id AND r.lease_id = j.lease_id
  LEFT JOIN LATERAL (
    SELECT fence, phone_hashes FROM cohort_households
    WHERE landlord_id = j.landlord_id AND campaign_id = j.campaign_id
      AND household_id = j.household_id LIMIT 1) AS h ON true
  ORDER BY j.ord
)sql"};

constexpr Query kReleaseLease{"leases.release", R"sql(
  WITH released AS (
    UPDATE leases AS l SET state = 'RELEASED', end_time = veille_now()
    WHERE l.landlord_id = $1::uuid AND l.campaign_id = $2::uuid AND l.lease_id = $3::uuid
      AND l.volunteer_id = (SELECT v.volunteer_id FROM volunteers AS v
                            WHERE v.landlord_id = $1::uuid AND v.subject = $4)
      AND l.fence = $5 AND l.state = 'LIVE'
    RETURNING l.landlord_id, l.campaign_id, l.household_id, l.fence, l.attempt_number
  ), returned AS (
    UPDATE cohort_households AS h
    SET state = 'PENDING', next_attempt_time = veille_now() + $6 * interval '1 millisecond'
    FROM released AS r
    WHERE h.landlord_id = r.landlord_id AND h.campaign_id = r.campaign_id
      AND h.household_id = r.household_id AND h.fence = r.fence AND h.state = 'LEASED'
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash,
              h.wait_reason, h.next_attempt_time
  ), queued AS (
    INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                            due_time, is_due)
    SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
           CASE wait_reason WHEN 'APPOINTMENT' THEN 10 WHEN 'RETRY' THEN 30 ELSE 20 END,
           next_attempt_time, $6 = 0
    FROM returned WHERE phone_hash IS NOT NULL
  )
  SELECT lease_id FROM (SELECT $3::uuid AS lease_id FROM released) AS ended
)sql"};

// The lease keeps its own id in the place of the request's.
constexpr Query kFreeRequest{"leases.free_request", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT landlord_id, lease_id, request_id FROM leases
    WHERE landlord_id = $1::uuid AND lease_id = $2::uuid AND state = 'RELEASED' FOR UPDATE
  ), freed AS (
    DELETE FROM requests AS r USING asked AS a
    WHERE r.landlord_id = a.landlord_id AND r.request_id = a.request_id
      AND r.object_id = a.lease_id
  )
  UPDATE leases AS l SET request_id = a.lease_id FROM asked AS a
  WHERE l.landlord_id = a.landlord_id AND l.lease_id = a.lease_id
)sql"};

constexpr Query kFindLease{"leases.find", R"sql(
  SELECT l.lease_id, l.campaign_id, l.household_id, l.fence, l.state, l.expire_time,
         l.attempt_number, l.weekly_call, l.phone_hash, h.phone_hashes,
         l.state = 'LIVE' AND l.expire_time > veille_now() AS running, h.fence > l.fence AS lost,
         ARRAY(SELECT s.tenant_id FROM cohort_subjects AS s
               WHERE s.landlord_id = l.landlord_id AND s.campaign_id = l.campaign_id
                 AND s.household_id = l.household_id AND s.active
               ORDER BY s.tenant_id) AS subjects
  FROM leases AS l
  JOIN volunteers AS v ON v.landlord_id = l.landlord_id AND v.volunteer_id = l.volunteer_id
  JOIN cohort_households AS h ON h.landlord_id = l.landlord_id
    AND h.campaign_id = l.campaign_id AND h.household_id = l.household_id
  WHERE l.landlord_id = $1::uuid AND l.campaign_id = $2::uuid AND l.lease_id = $3::uuid
    AND v.subject = $4
)sql"};

// crosses landlords: one promoter serves all of them.
constexpr Query kEndExpired{"leases.end_expired", R"sql(
  WITH over AS MATERIALIZED (
    SELECT landlord_id, lease_id FROM leases
    WHERE state = 'LIVE' AND expire_time <= veille_now()
    ORDER BY expire_time LIMIT $1 FOR UPDATE SKIP LOCKED
  ), ended AS (
    UPDATE leases AS l SET state = 'EXPIRED', end_time = veille_now()
    FROM over AS o
    WHERE l.landlord_id = o.landlord_id AND l.lease_id = o.lease_id
    RETURNING l.landlord_id, l.campaign_id, l.household_id, l.fence
  ), returned AS (
    UPDATE cohort_households AS h SET state = 'PENDING', next_attempt_time = veille_now()
    FROM ended AS e
    WHERE h.landlord_id = e.landlord_id AND h.campaign_id = e.campaign_id
      AND h.household_id = e.household_id AND h.fence = e.fence AND h.state = 'LEASED'
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash,
              h.wait_reason, h.next_attempt_time
  ), queued AS (
    INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                            due_time, is_due)
    SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
           CASE wait_reason WHEN 'APPOINTMENT' THEN 10 WHEN 'RETRY' THEN 30 ELSE 20 END,
           next_attempt_time, true
    FROM returned WHERE phone_hash IS NOT NULL
  )
  SELECT count(*) AS ended FROM ended
)sql"};

Lease FromRow(const db::Row& row) {
  Lease lease;
  lease.id = row.Get<ids::LeaseId>("lease_id");
  lease.campaign = row.Get<ids::CampaignId>("campaign_id");
  lease.household = row.Get<ids::HouseholdId>("household_id");
  lease.fence = row.Get<int64_t>("fence");
  lease.expire_time = row.Get<absl::Time>("expire_time");
  lease.attempt_number = row.Get<int>("attempt_number");
  lease.weekly_call = row.Get<bool>("weekly_call");
  lease.phone_hash = row.Get<db::Bytes>("phone_hash").value;
  lease.phone_hashes = SplitPhoneHashes(row.Get<db::Bytes>("phone_hashes"));
  return lease;
}

// With whom the call is about.
Lease WholeFromRow(const db::Row& row) {
  Lease lease = FromRow(row);
  lease.subjects = row.Get<std::vector<ids::TenantId>>("subjects");
  return lease;
}

template <typename Verdict>
Verdict ReadVerdict(const std::map<std::string, Verdict, std::less<>>& names, const db::Row& row) {
  return names.at(row.Get<std::string>("verdict"));
}

const std::map<std::string, LeaseVerdict, std::less<>>& LeaseVerdicts() {
  static const auto* const kNames = new std::map<std::string, LeaseVerdict, std::less<>>{
      {"GRANTED", LeaseVerdict::kGranted},
      {"HELD", LeaseVerdict::kHeld},
      {"CAMPAIGN_NOT_FOUND", LeaseVerdict::kCampaignNotFound},
      {"NOT_ENROLLED", LeaseVerdict::kNotEnrolled},
      {"NOT_RUNNING", LeaseVerdict::kNotRunning},
      {"NONE_DUE", LeaseVerdict::kNoneDue},
      {"LOST", LeaseVerdict::kLost},
      {"STALE", LeaseVerdict::kStale},
      {"REQUEST_REUSED", LeaseVerdict::kRequestReused}};
  return *kNames;
}

const std::map<std::string, RenewVerdict, std::less<>>& RenewVerdicts() {
  static const auto* const kNames = new std::map<std::string, RenewVerdict, std::less<>>{
      {"RENEWED", RenewVerdict::kRenewed},
      {"NOT_FOUND", RenewVerdict::kNotFound},
      {"FENCE_MISMATCH", RenewVerdict::kFenceMismatch},
      {"FINISHED", RenewVerdict::kFinished},
      {"EXPIRED", RenewVerdict::kExpired},
      {"LOST", RenewVerdict::kLost},
      {"REQUEST_REUSED", RenewVerdict::kRequestReused}};
  return *kNames;
}

}  // namespace

std::vector<LeaseAnswer> GrantLeases(db::WriteTx& tx, const std::vector<const LeaseAsk*>& asks,
                                     absl::Duration length) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<std::string> subjects;
  std::vector<ids::RequestId> requests;
  std::vector<ids::LeaseId> leases;
  std::vector<absl::Time> times;
  for (const LeaseAsk* ask : asks) {
    landlords.push_back(ask->landlord);
    campaigns.push_back(ask->campaign);
    subjects.push_back(ask->subject);
    requests.push_back(ask->request);
    leases.push_back(ask->fresh);
    times.push_back(ask->now);
  }
  std::vector<LeaseAnswer> answers;
  for (const db::Row row : tx.Run(kGrantLeases, landlords, campaigns, subjects, requests, leases,
                                  times, absl::ToInt64Milliseconds(length))) {
    const LeaseVerdict verdict = ReadVerdict(LeaseVerdicts(), row);
    const bool has_lease = verdict == LeaseVerdict::kGranted || verdict == LeaseVerdict::kHeld;
    answers.push_back({verdict, has_lease ? WholeFromRow(row) : Lease()});
  }
  return answers;
}

std::vector<RenewAnswer> RenewLeases(db::WriteTx& tx, const std::vector<const RenewAsk*>& asks,
                                     absl::Duration length) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::LeaseId> leases;
  std::vector<std::string> subjects;
  std::vector<ids::RequestId> requests;
  std::vector<int64_t> fences;
  for (const RenewAsk* ask : asks) {
    landlords.push_back(ask->ref.landlord);
    campaigns.push_back(ask->ref.campaign);
    leases.push_back(ask->ref.lease);
    subjects.push_back(ask->ref.subject);
    requests.push_back(ask->request);
    fences.push_back(ask->fence);
  }
  std::vector<RenewAnswer> answers;
  for (const db::Row row : tx.Run(kRenewLeases, landlords, campaigns, leases, subjects, requests,
                                  fences, absl::ToInt64Milliseconds(length))) {
    const RenewVerdict verdict = ReadVerdict(RenewVerdicts(), row);
    answers.push_back({verdict, verdict == RenewVerdict::kRenewed ? FromRow(row) : Lease()});
  }
  return answers;
}

bool ReleaseLease(db::WriteTx& tx, const LeaseRef& ref, int64_t fence, absl::Duration delay) {
  return !tx.Run(kReleaseLease, ref.landlord, ref.campaign, ref.lease, ref.subject, fence,
                 absl::ToInt64Milliseconds(delay))
              .empty();
}

void FreeRequest(db::WriteTx& tx, const LeaseRef& ref) {
  tx.Run(kFreeRequest, ref.landlord, ref.lease);
}

std::optional<LeaseStanding> FindLease(db::ReadTx& tx, const LeaseRef& ref) {
  const db::Rows rows = tx.Run(kFindLease, ref.landlord, ref.campaign, ref.lease, ref.subject);
  if (rows.empty()) return std::nullopt;
  return LeaseStanding{.state = rows[0].Get<std::string>("state"),
                       .running = rows[0].Get<bool>("running"),
                       .lost = rows[0].Get<bool>("lost"),
                       .lease = WholeFromRow(rows[0])};
}

int EndExpiredLeases(db::WriteTx& tx, int limit) {
  return tx.Run(kEndExpired, limit)[0].Get<int>("ended");
}

const db::Query& GrantLeasesQuery() { return kGrantLeases; }
const db::Query& RenewLeasesQuery() { return kRenewLeases; }

}  // namespace veille::call_tracking
