// GrantLeases: the statement by which volunteers get households.

#include "call_tracking/store/lease_rows.h"
#include "call_tracking/store/lease_store.h"

namespace veille::call_tracking {
namespace {

using db::Query;

// asked:   the batch, with what is known about each: one row per caller
// judged:  what each gets, but for households
// wanted:  how many households each campaign must give
// picked:  so many due households per open time zone, locked; a phone that is being called is
//          skipped
// paired:  callers and households in order, each phone once
// granted, and what follows from a grant: out of the queue, LEASED with the next fence, request and
// audit event. A caller whose own weekly call has come is told OWN if $8 says to look for such; it
// comes again with that household ($9; $10 names all of them), which is locked by then. A household
// whose lease meets another live one (ON CONFLICT) stays as it was. The look-ups are LATERAL with
// LIMIT so that each stays an index look-up whatever the planner knows.
constexpr Query kGrantLeases{"leases.grant", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT a.ord, a.landlord_id, a.campaign_id, a.subject, a.request_id, a.lease_id, a.ask_time,
           nullif(a.own_id, '00000000-0000-0000-0000-000000000000') AS own_id,
           c.state AS campaign_state, c.start_time, c.end_time, v.volunteer_id,
           held.lease_id AS held_id, held.expire_time AS held_until,
           r.method AS used_by, r.object_id AS used_for
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::timestamptz[],
                $9::uuid[]) WITH ORDINALITY
         AS a (landlord_id, campaign_id, subject, request_id, lease_id, ask_time, own_id, ord)
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
           held_id, own_id,
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
             WHEN $8::boolean AND (
               SELECT mine.household_id FROM call_queue AS mine
               WHERE mine.landlord_id = asked.landlord_id AND mine.campaign_id = asked.campaign_id
                 AND mine.volunteer_id = asked.volunteer_id AND mine.own_time <= asked.ask_time
               LIMIT 1) IS NOT NULL THEN 'OWN'
             ELSE 'WANTED'
           END AS verdict
    FROM asked
  ), wanted AS MATERIALIZED (
    SELECT landlord_id, campaign_id, count(*) AS households, max(ask_time) AS ask_time
    FROM judged WHERE verdict = 'WANTED' AND own_id IS NULL GROUP BY landlord_id, campaign_id
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
          FROM picked WHERE household_id <> ALL ($10::uuid[])) AS by_phone
    WHERE twin = 1 GROUP BY landlord_id, campaign_id
  ), callers AS MATERIALIZED (
    SELECT c.landlord_id, c.campaign_id, c.volunteer_id, c.request_id, c.lease_id,
           o.households[c.place] AS household_id
    FROM (SELECT landlord_id, campaign_id, volunteer_id, request_id, lease_id,
                 row_number() OVER (PARTITION BY landlord_id, campaign_id ORDER BY ord) AS place
          FROM judged WHERE verdict = 'WANTED' AND own_id IS NULL) AS c
    JOIN offered AS o ON o.landlord_id = c.landlord_id AND o.campaign_id = c.campaign_id
    UNION ALL
    SELECT landlord_id, campaign_id, volunteer_id, request_id, lease_id, own_id
    FROM judged WHERE verdict = 'WANTED' AND own_id IS NOT NULL
  ), paired AS MATERIALIZED (
    SELECT c.landlord_id, c.lease_id, c.campaign_id, c.household_id, c.volunteer_id, c.request_id,
           h.phone_hash, h.phone_hashes, h.fence + 1 AS fence, h.attempts + 1 AS attempt_number,
           h.kept_until IS NOT NULL AS weekly_call
    FROM callers AS c
    CROSS JOIN LATERAL (
      SELECT phone_hash, phone_hashes, fence, attempts, kept_until FROM cohort_households
      WHERE landlord_id = c.landlord_id AND campaign_id = c.campaign_id
        AND household_id = c.household_id AND state IN ('PENDING', 'FOLLOWED_UP')
        AND phone_hash IS NOT NULL
      LIMIT 1) AS h
  ), granted AS (
    INSERT INTO leases (landlord_id, lease_id, campaign_id, household_id, volunteer_id, request_id,
                        phone_hash, phone_hashes, fence, attempt_number, weekly_call, grant_time,
                        expire_time)
    SELECT landlord_id, lease_id, campaign_id, household_id, volunteer_id, request_id, phone_hash,
           phone_hashes, fence, attempt_number, weekly_call, veille_now(),
           veille_now() + $7 * interval '1 millisecond'
    FROM paired ORDER BY landlord_id, phone_hash
    ON CONFLICT DO NOTHING
    RETURNING landlord_id, lease_id, campaign_id, household_id, request_id, phone_hash,
              phone_hashes, fence, attempt_number, weekly_call, expire_time
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
                WHEN j.own_id IS NOT NULL THEN 'LOST'
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
           coalesce(g.phone_hash, held.phone_hash) AS phone_hash,
           coalesce(g.phone_hashes, held.phone_hashes) AS phone_hashes
    FROM judged AS j
    LEFT JOIN granted AS g ON g.landlord_id = j.landlord_id AND g.lease_id = j.lease_id
    LEFT JOIN LATERAL (
      SELECT lease_id, campaign_id, household_id, fence, expire_time, attempt_number, weekly_call,
             phone_hash, phone_hashes
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
         a.attempt_number, a.weekly_call, a.phone_hash,
         coalesce(a.phone_hashes, h.phone_hashes) AS phone_hashes, h.to_verify, h.subjects
  FROM answered AS a
  LEFT JOIN LATERAL (
    SELECT phone_hashes, to_verify,
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

// The weekly call of each caller whose time has come, locked; none that is being called, or outside
// its call hours.
constexpr Query kClaimOwn{"call_queue.claim_own", R"sql(
  SELECT a.ord, q.household_id
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) WITH ORDINALITY
       AS a (landlord_id, campaign_id, subject, ask_time, ord)
  CROSS JOIN LATERAL (
    SELECT mine.household_id
    FROM volunteers AS v
    JOIN call_queue AS mine
      ON mine.landlord_id = v.landlord_id AND mine.campaign_id = a.campaign_id
      AND mine.volunteer_id = v.volunteer_id AND mine.own_time <= a.ask_time
    JOIN campaign_zones AS z
      ON z.landlord_id = mine.landlord_id AND z.campaign_id = mine.campaign_id
      AND z.time_zone = mine.time_zone
      AND z.open_from <= a.ask_time AND a.ask_time < z.open_until
    WHERE v.landlord_id = a.landlord_id AND v.subject = a.subject
      AND NOT EXISTS (
        SELECT FROM leases AS busy
        WHERE busy.landlord_id = mine.landlord_id AND busy.state = 'LIVE'
          AND busy.phone_hash = mine.phone_hash)
      AND NOT EXISTS (
        SELECT FROM leases AS busy
        WHERE busy.landlord_id = mine.landlord_id AND busy.state = 'LIVE'
          AND busy.household_id = mine.household_id)
    ORDER BY mine.own_time, mine.household_id
    LIMIT 1 FOR UPDATE OF mine SKIP LOCKED) AS q
)sql"};

// A lease that is given to one more request of its holder; absent when it has ended just now.
constexpr Query kGiveAgain{"leases.give_again", R"sql(
  UPDATE leases SET given = given + 1
  WHERE landlord_id = $1::uuid AND lease_id = $2::uuid AND state = 'LIVE'
  RETURNING lease_id
)sql"};

// What the same request was given before, when that has ended.
constexpr Query kFindPast{"leases.find_past", R"sql(
  SELECT l.lease_id
  FROM requests AS r
  JOIN leases AS l ON l.landlord_id = r.landlord_id AND l.lease_id = r.object_id
  JOIN volunteers AS v ON v.landlord_id = l.landlord_id AND v.volunteer_id = l.volunteer_id
  WHERE r.landlord_id = $1::uuid AND r.request_id = $2::uuid AND r.method = 'LeaseNextCall'
    AND l.campaign_id = $3::uuid AND v.subject = $4 AND l.state <> 'LIVE'
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
      {"OWN", LeaseVerdict::kOwnDue},
      {"REQUEST_REUSED", LeaseVerdict::kRequestReused}};
  return *kNames;
}

// The asks as array parameters.
struct AskColumns {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<std::string> subjects;
  std::vector<ids::RequestId> requests;
  std::vector<ids::LeaseId> leases;
  std::vector<absl::Time> times;

  explicit AskColumns(const std::vector<const LeaseAsk*>& asks) {
    for (const LeaseAsk* ask : asks) {
      landlords.push_back(ask->landlord);
      campaigns.push_back(ask->campaign);
      subjects.push_back(ask->subject);
      requests.push_back(ask->request);
      leases.push_back(ask->fresh);
      times.push_back(ask->now);
    }
  }
};

// `own`: which household each ask gets, nil: any.
std::vector<LeaseAnswer> Grant(db::WriteTx& tx, const AskColumns& asks, bool look_for_own,
                               const std::vector<ids::HouseholdId>& own, absl::Duration length) {
  std::vector<ids::HouseholdId> all_own = own;
  std::erase(all_own, ids::HouseholdId());
  std::vector<LeaseAnswer> answers;
  for (const db::Row row : tx.Run(kGrantLeases, asks.landlords, asks.campaigns, asks.subjects,
                                  asks.requests, asks.leases, asks.times,
                                  absl::ToInt64Milliseconds(length), look_for_own, own, all_own)) {
    const LeaseVerdict verdict = ReadVerdict(LeaseVerdicts(), row);
    const bool has_lease = verdict == LeaseVerdict::kGranted || verdict == LeaseVerdict::kHeld;
    answers.push_back({verdict, has_lease ? WholeLeaseFromRow(row) : Lease()});
  }
  return answers;
}

// Answers those whose own weekly call has come: with it, or else with another household.
void GrantOwn(db::WriteTx& tx, const std::vector<const LeaseAsk*>& asks,
              std::vector<LeaseAnswer>& answers, absl::Duration length) {
  std::vector<const LeaseAsk*> again;
  std::vector<LeaseAnswer*> places;
  for (size_t i = 0; i < asks.size(); ++i) {
    if (answers[i].verdict != LeaseVerdict::kOwnDue) continue;
    again.push_back(asks[i]);
    places.push_back(&answers[i]);
  }
  if (again.empty()) return;
  const AskColumns columns(again);
  std::vector<ids::HouseholdId> own(again.size());
  for (const db::Row row :
       tx.Run(kClaimOwn, columns.landlords, columns.campaigns, columns.subjects, columns.times)) {
    own[row.Get<int64_t>("ord") - 1] = row.Get<ids::HouseholdId>("household_id");
  }
  std::vector<LeaseAnswer> granted = Grant(tx, columns, /*look_for_own=*/false, own, length);
  for (size_t i = 0; i < places.size(); ++i) *places[i] = std::move(granted[i]);
}

// What one statement for the whole batch need not look at, because it is rare.
void LookCloser(db::WriteTx& tx, const LeaseAsk& ask, LeaseAnswer& answer) {
  if (answer.verdict == LeaseVerdict::kHeld) {
    const bool lives = !tx.Run(kGiveAgain, ask.landlord, answer.lease.id).empty();
    if (!lives) answer.verdict = LeaseVerdict::kLost;
  } else if (answer.verdict == LeaseVerdict::kRequestReused) {
    const bool past =
        !tx.Run(kFindPast, ask.landlord, ask.request, ask.campaign, ask.subject).empty();
    if (past) answer.verdict = LeaseVerdict::kFinished;
  }
}

}  // namespace

std::vector<LeaseAnswer> GrantLeases(db::WriteTx& tx, const std::vector<const LeaseAsk*>& asks,
                                     absl::Duration length) {
  std::vector<LeaseAnswer> answers = Grant(tx, AskColumns(asks), /*look_for_own=*/true,
                                           std::vector<ids::HouseholdId>(asks.size()), length);
  GrantOwn(tx, asks, answers, length);
  for (size_t i = 0; i < asks.size(); ++i) LookCloser(tx, *asks[i], answers[i]);
  return answers;
}

const db::Query& GrantLeasesQuery() { return kGrantLeases; }

}  // namespace veille::call_tracking
