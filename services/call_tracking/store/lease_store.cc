#include "call_tracking/store/lease_store.h"

#include "call_tracking/store/lease_rows.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kRenewLeases{"leases.renew", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT a.ord, a.landlord_id, a.request_id, a.fence AS asked_fence, l.lease_id, l.campaign_id,
           l.household_id, l.fence, l.state, l.expire_time, l.attempt_number, l.weekly_call,
           l.phone_hash, l.phone_hashes, r.method AS used_by, r.object_id AS used_for
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::bigint[])
         WITH ORDINALITY
         AS a (landlord_id, campaign_id, lease_id, subject, request_id, fence, ord)
    LEFT JOIN LATERAL (
      SELECT l.lease_id, l.campaign_id, l.household_id, l.fence, l.state, l.expire_time,
             l.attempt_number, l.weekly_call, l.phone_hash, l.phone_hashes
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
           attempt_number, weekly_call, phone_hash, phone_hashes,
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
         j.phone_hash, coalesce(j.phone_hashes, h.phone_hashes) AS phone_hashes
  FROM judged AS j
  LEFT JOIN renewed AS r ON r.landlord_id = j.landlord_id AND r.lease_id = j.lease_id
  LEFT JOIN LATERAL (
    SELECT fence, phone_hashes FROM cohort_households
    WHERE landlord_id = j.landlord_id AND campaign_id = j.campaign_id
      AND household_id = j.household_id LIMIT 1) AS h ON true
  ORDER BY j.ord
)sql"};

// A weekly call stays its volunteer's for what is left of the grace; at once, whatever the clocks
// of the services say.
constexpr Query kReleaseLease{"leases.release", R"sql(
  WITH released AS (
    UPDATE leases AS l SET state = 'RELEASED', end_time = veille_now()
    WHERE l.landlord_id = $1::uuid AND l.campaign_id = $2::uuid AND l.lease_id = $3::uuid
      AND l.volunteer_id = (SELECT v.volunteer_id FROM volunteers AS v
                            WHERE v.landlord_id = $1::uuid AND v.subject = $4)
      AND l.fence = $5 AND l.state = 'LIVE'
    RETURNING l.landlord_id, l.campaign_id, l.household_id, l.fence
  ), returned AS (
    UPDATE cohort_households AS h
    SET state = CASE WHEN h.decision_reason IS NOT NULL THEN 'NEEDS_DECISION'
                     WHEN h.wait_reason = 'WEEKLY' THEN 'FOLLOWED_UP' ELSE 'PENDING' END,
        settled_state = CASE WHEN h.decision_reason IS NULL THEN NULL
                             WHEN h.wait_reason = 'WEEKLY' THEN 'FOLLOWED_UP' ELSE 'PENDING' END,
        next_attempt_time = veille_now() + $6 * interval '1 millisecond'
    FROM released AS r
    WHERE h.landlord_id = r.landlord_id AND h.campaign_id = r.campaign_id
      AND h.household_id = r.household_id AND h.fence = r.fence AND h.state = 'LEASED'
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash, h.state,
              h.wait_reason, h.next_attempt_time, h.kept_until, h.weekly_volunteer_id
  ), queued AS (
    INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                            due_time, is_due, volunteer_id, own_time)
    SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
           call_priority(wait_reason), greatest(next_attempt_time, kept_until),
           $6 = 0 AND (kept_until IS NULL OR kept_until <= veille_now()),
           CASE WHEN kept_until IS NOT NULL THEN weekly_volunteer_id END,
           CASE WHEN kept_until IS NULL THEN NULL WHEN $6 = 0 THEN '-infinity'
                ELSE next_attempt_time END
    FROM returned WHERE phone_hash IS NOT NULL AND state <> 'NEEDS_DECISION'
  )
  SELECT lease_id FROM (SELECT $3::uuid AS lease_id FROM released) AS ended
)sql"};

constexpr Query kLockToTakeBack{"leases.lock_to_take_back", R"sql(
  SELECT lease_id FROM leases
  WHERE landlord_id = $1::uuid AND lease_id = $2::uuid AND state = 'LIVE'
    AND (given = 1 OR $3::boolean) FOR UPDATE
)sql"};

// The lease keeps its own id in the place of the request's.
constexpr Query kFreeRequest{"leases.free_request", R"sql(
  WITH freed AS (
    DELETE FROM requests AS r USING leases AS l
    WHERE l.landlord_id = $1::uuid AND l.lease_id = $2::uuid
      AND r.landlord_id = l.landlord_id AND r.request_id = l.request_id AND r.object_id = l.lease_id
  )
  UPDATE leases SET request_id = lease_id WHERE landlord_id = $1::uuid AND lease_id = $2::uuid
)sql"};

constexpr Query kFindLease{"leases.find", R"sql(
  SELECT l.lease_id, l.campaign_id, l.household_id, l.fence, l.state, l.expire_time,
         l.attempt_number, l.weekly_call, l.phone_hash,
         coalesce(l.phone_hashes, h.phone_hashes) AS phone_hashes, h.to_verify,
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

constexpr Query kEndExpired{"leases.end_expired", "SELECT end_expired_leases($1) AS ended"};

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
    answers.push_back({verdict, verdict == RenewVerdict::kRenewed ? LeaseFromRow(row) : Lease()});
  }
  return answers;
}

bool ReleaseLease(db::WriteTx& tx, const LeaseRef& ref, int64_t fence, absl::Duration delay) {
  return !tx.Run(kReleaseLease, ref.landlord, ref.campaign, ref.lease, ref.subject, fence,
                 absl::ToInt64Milliseconds(delay))
              .empty();
}

bool TakeBackLease(db::WriteTx& tx, const LeaseRef& ref, int64_t fence, bool shown_too,
                   absl::Duration delay) {
  if (tx.Run(kLockToTakeBack, ref.landlord, ref.lease, shown_too).empty()) return false;
  if (!ReleaseLease(tx, ref, fence, delay)) return false;
  tx.Queue(kFreeRequest, ref.landlord, ref.lease);
  return true;
}

std::optional<LeaseStanding> FindLease(db::ReadTx& tx, const LeaseRef& ref) {
  const db::Rows rows = tx.Run(kFindLease, ref.landlord, ref.campaign, ref.lease, ref.subject);
  if (rows.empty()) return std::nullopt;
  return LeaseStanding{.state = rows[0].Get<std::string>("state"),
                       .running = rows[0].Get<bool>("running"),
                       .lost = rows[0].Get<bool>("lost"),
                       .lease = WholeLeaseFromRow(rows[0])};
}

int EndExpiredLeases(db::WriteTx& tx, int limit) {
  return tx.Run(kEndExpired, limit)[0].Get<int>("ended");
}

const db::Query& RenewLeasesQuery() { return kRenewLeases; }

}  // namespace veille::call_tracking
