// GrantLeases: the statement by which volunteers get households.

#include "call_tracking/store/lease_rows.h"
#include "call_tracking/store/lease_store.h"

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

const db::Query& GrantLeasesQuery() { return kGrantLeases; }

}  // namespace veille::call_tracking
