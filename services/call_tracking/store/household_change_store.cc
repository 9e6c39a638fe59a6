#include "call_tracking/store/household_change_store.h"

#include "call_tracking/store/phone_hashes.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kFindChange{"household_changes.find", R"sql(
  SELECT applied FROM household_changes
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid AND version = $3
    AND ends_calls = $4::boolean
)sql"};

// What ends calls is never older than what is known: it is not undone by a later change. Phones are
// older only than later phones.
constexpr db::Query kInsertChange{"household_changes.insert", R"sql(
  INSERT INTO household_changes
    (landlord_id, household_id, version, ends_calls, objection, tenant_ids, phone_hashes, applied)
  SELECT $1::uuid, $2::uuid, $3::bigint, $4::boolean, $5::boolean, $6::uuid[], $7::bytea,
         $4::boolean OR NOT EXISTS (
           SELECT FROM household_changes AS known
           WHERE known.landlord_id = $1::uuid AND known.household_id = $2::uuid
             AND known.version > $3 AND NOT known.ends_calls)
  ON CONFLICT (landlord_id, household_id, version, ends_calls) DO NOTHING
  RETURNING applied
)sql"};

// A page of a cohort that is being drawn may hold the household as it was before, unseen by us:
// pages lock their campaign, so whoever comes second sees what the first has done.
constexpr db::Query kHoldOpening{"campaigns.hold_opening", R"sql(
  SELECT campaign_id FROM campaigns
  WHERE landlord_id = $1::uuid AND state = 'OPENING' ORDER BY campaign_id FOR SHARE
)sql"};

constexpr db::Query kListEnding{"household_changes.list_ending", R"sql(
  SELECT DISTINCT household_id FROM household_changes
  WHERE landlord_id = $1::uuid AND household_id = ANY($2::uuid[]) AND ends_calls
)sql"};

constexpr db::Query kEndSubjects{"cohort_subjects.end", R"sql(
  UPDATE cohort_subjects AS s SET active = false
  FROM cohort_households AS h
  JOIN household_changes AS c
    ON c.landlord_id = h.landlord_id AND c.household_id = h.household_id
    AND c.ends_calls AND c.version > h.drawn_version
  WHERE h.landlord_id = $1::uuid AND h.household_id = ANY($2::uuid[])
    AND s.landlord_id = h.landlord_id AND s.campaign_id = h.campaign_id
    AND s.household_id = h.household_id AND s.active
    AND (cardinality(c.tenant_ids) = 0 OR s.tenant_id = ANY(c.tenant_ids))
)sql"};

constexpr db::Query kLeaveQueue{"call_queue.leave", R"sql(
  DELETE FROM call_queue AS q
  USING cohort_households AS h
  WHERE h.landlord_id = $1::uuid AND h.household_id = ANY($2::uuid[])
    AND q.landlord_id = h.landlord_id AND q.campaign_id = h.campaign_id
    AND q.household_id = h.household_id
    AND NOT EXISTS (
      SELECT FROM cohort_subjects AS s
      WHERE s.landlord_id = h.landlord_id AND s.campaign_id = h.campaign_id
        AND s.household_id = h.household_id AND s.active)
)sql"};

// EXPIRED: what was said meanwhile can still be recorded.
constexpr db::Query kEndLeases{"leases.end_of_household", R"sql(
  UPDATE leases AS l SET state = 'EXPIRED', end_time = veille_now()
  WHERE l.landlord_id = $1::uuid AND l.household_id = ANY($2::uuid[]) AND l.state = 'LIVE'
    AND NOT EXISTS (
      SELECT FROM cohort_subjects AS s
      WHERE s.landlord_id = l.landlord_id AND s.campaign_id = l.campaign_id
        AND s.household_id = l.household_id AND s.active)
)sql"};

constexpr db::Query kCloseHouseholds{"cohort_households.close", R"sql(
  WITH said AS (
    SELECT h.campaign_id, h.household_id, bool_or(c.objection) AS objection
    FROM cohort_households AS h
    JOIN household_changes AS c
      ON c.landlord_id = h.landlord_id AND c.household_id = h.household_id
      AND c.ends_calls AND c.version > h.drawn_version
    WHERE h.landlord_id = $1::uuid AND h.household_id = ANY($2::uuid[])
      AND NOT EXISTS (
        SELECT FROM cohort_subjects AS s
        WHERE s.landlord_id = h.landlord_id AND s.campaign_id = h.campaign_id
          AND s.household_id = h.household_id AND s.active)
    GROUP BY h.campaign_id, h.household_id
  )
  UPDATE cohort_households AS h
  SET state = CASE WHEN h.decision_reason IS NULL THEN 'CLOSED' ELSE 'NEEDS_DECISION' END,
      settled_state = CASE WHEN h.decision_reason IS NOT NULL THEN 'CLOSED' END,
      next_attempt_time = NULL, objection = h.objection OR said.objection,
      weekly_volunteer_id = NULL, weekly_start_time = NULL, kept_until = NULL, to_verify = 0
  FROM said
  WHERE h.landlord_id = $1::uuid AND h.campaign_id = said.campaign_id
    AND h.household_id = said.household_id
)sql"};

// The places in the queue, then the households, as everybody locks them.
constexpr db::Query kLockHouseholds{"cohort_households.lock_changed", R"sql(
  WITH queued AS MATERIALIZED (
    SELECT household_id FROM call_queue
    WHERE landlord_id = $1::uuid AND household_id = ANY($2::uuid[])
    ORDER BY household_id, campaign_id FOR UPDATE
  )
  SELECT household_id FROM cohort_households
  WHERE landlord_id = $1::uuid AND household_id = ANY($2::uuid[])
    AND (SELECT count(*) FROM queued) >= 0
  ORDER BY household_id, campaign_id FOR UPDATE
)sql"};

// A tenant who is called no more is not asked whether help came either. A household that waits for
// nothing else is done. Counted once the households are locked: nobody begins to ask meanwhile.
constexpr db::Query kAskNoMore{"cohort_households.ask_no_more", R"sql(
  WITH asked AS MATERIALIZED (
    SELECT h.campaign_id, h.household_id, h.wait_reason = 'VERIFICATION' AS verifying,
           (SELECT count(*) FROM findings AS f
            JOIN cohort_subjects AS s
              ON s.landlord_id = f.landlord_id AND s.campaign_id = f.campaign_id
              AND s.household_id = f.household_id AND s.tenant_id = f.tenant_id AND s.active
            WHERE f.landlord_id = h.landlord_id AND f.campaign_id = h.campaign_id
              AND f.household_id = h.household_id AND f.verification = 'OPEN') AS to_verify
    FROM cohort_households AS h
    WHERE h.landlord_id = $1::uuid AND h.household_id = ANY($2::uuid[]) AND h.to_verify > 0
  ), ended AS (
    UPDATE cohort_households AS h
    SET to_verify = 0,
        state = CASE WHEN h.state = 'PENDING' THEN 'DONE' ELSE h.state END,
        settled_state = CASE WHEN h.settled_state = 'PENDING' THEN 'DONE' ELSE h.settled_state END,
        wait_reason = CASE WHEN h.state = 'LEASED' THEN h.wait_reason END, next_attempt_time = NULL
    FROM asked AS a
    WHERE h.landlord_id = $1::uuid AND h.campaign_id = a.campaign_id
      AND h.household_id = a.household_id AND a.to_verify = 0 AND a.verifying
    RETURNING h.campaign_id, h.household_id
  ), asked_less AS (
    UPDATE cohort_households AS h SET to_verify = a.to_verify
    FROM asked AS a
    WHERE h.landlord_id = $1::uuid AND h.campaign_id = a.campaign_id
      AND h.household_id = a.household_id AND (a.to_verify > 0 OR a.verifying IS NOT TRUE)
  )
  DELETE FROM call_queue AS q USING ended AS e
  WHERE q.landlord_id = $1::uuid AND q.campaign_id = e.campaign_id
    AND q.household_id = e.household_id
)sql"};

constexpr db::Query kLeaveQueueForPhones{"call_queue.leave_for_phones", R"sql(
  DELETE FROM call_queue AS q
  USING cohort_households AS h
  WHERE h.landlord_id = $1::uuid AND h.household_id = $2::uuid AND h.register_version < $3
    AND q.landlord_id = h.landlord_id AND q.campaign_id = h.campaign_id
    AND q.household_id = h.household_id
)sql"};

// The phone that comes next stays when it is still one of them. A household that had no number
// left, and gets one, is called again at once.
constexpr db::Query kReplacePhones{"cohort_households.replace_phones", R"sql(
  WITH replaced AS (
    UPDATE cohort_households AS h
    SET register_version = $3, phone_hashes = $4::bytea,
        phone_hash = CASE
          WHEN length($4::bytea) = 0 THEN NULL
          WHEN position(h.phone_hash IN $4::bytea) > 0 THEN h.phone_hash
          ELSE substr($4::bytea, 1, 32) END,
        next_attempt_time = CASE
          WHEN h.state <> 'PENDING' OR h.wait_reason = 'EXHAUSTED' THEN h.next_attempt_time
          WHEN length($4::bytea) = 0 THEN NULL
          WHEN h.phone_hash IS NULL THEN veille_now()
          ELSE h.next_attempt_time END,
        wait_reason = CASE
          WHEN h.state <> 'PENDING' OR h.wait_reason = 'EXHAUSTED' THEN h.wait_reason
          WHEN length($4::bytea) = 0 THEN 'NO_NUMBER_LEFT'
          WHEN h.wait_reason <> 'NO_NUMBER_LEFT' THEN h.wait_reason
          WHEN h.attempts = 0 THEN 'FIRST' ELSE 'RETRY' END
    WHERE h.landlord_id = $1::uuid AND h.household_id = $2::uuid AND h.register_version < $3
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash, h.state,
              h.wait_reason, h.next_attempt_time, h.kept_until, h.weekly_volunteer_id
  )
  INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                          due_time, is_due, volunteer_id, own_time)
  SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash, call_priority(wait_reason),
         greatest(next_attempt_time, kept_until),
         greatest(next_attempt_time, kept_until) <= veille_now(),
         CASE WHEN kept_until IS NOT NULL THEN weekly_volunteer_id END,
         CASE WHEN kept_until IS NOT NULL THEN next_attempt_time END
  FROM replaced
  WHERE state IN ('PENDING', 'FOLLOWED_UP') AND phone_hash IS NOT NULL
    AND next_attempt_time IS NOT NULL
  ON CONFLICT (landlord_id, campaign_id, household_id) DO UPDATE
  SET phone_hash = EXCLUDED.phone_hash
)sql"};

}  // namespace

std::optional<bool> HouseholdChangeStore::FindApplied(const HouseholdChange& change) {
  const db::Rows rows =
      tx_.Run(kFindChange, landlord_, change.household, change.version, EndsCalls(change.kind));
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<bool>("applied");
}

bool HouseholdChangeStore::Take(const HouseholdChange& change) {
  const db::Rows taken =
      tx_.Run(kInsertChange, landlord_, change.household, change.version, EndsCalls(change.kind),
              change.kind == HouseholdChangeKind::kObjection, change.tenants,
              JoinPhoneHashes(change.phone_hashes));
  if (taken.empty() || !taken[0].Get<bool>("applied")) return false;
  tx_.Run(kHoldOpening, landlord_);
  if (change.kind == HouseholdChangeKind::kPhones) {
    ReplacePhones(change);
  } else {
    EndCallsOf({change.household});
  }
  return true;
}

void HouseholdChangeStore::EndCalls(const std::vector<ids::HouseholdId>& households) {
  std::vector<ids::HouseholdId> ending;
  for (const db::Row row : tx_.Run(kListEnding, landlord_, households)) {
    ending.push_back(row.Get<ids::HouseholdId>("household_id"));
  }
  if (!ending.empty()) EndCallsOf(ending);
}

void HouseholdChangeStore::EndCallsOf(const std::vector<ids::HouseholdId>& households) {
  tx_.Run(kEndSubjects, landlord_, households);
  // The order in which everybody locks: queue, leases, households. A call recorded meanwhile may
  // have put a household back into the queue, hence the second look.
  tx_.Run(kLeaveQueue, landlord_, households);
  tx_.Run(kEndLeases, landlord_, households);
  tx_.Run(kCloseHouseholds, landlord_, households);
  tx_.Run(kLeaveQueue, landlord_, households);
  tx_.Run(kLockHouseholds, landlord_, households);
  tx_.Run(kAskNoMore, landlord_, households);
}

void HouseholdChangeStore::ReplacePhones(const HouseholdChange& change) {
  tx_.Run(kLeaveQueueForPhones, landlord_, change.household, change.version);
  tx_.Run(kReplacePhones, landlord_, change.household, change.version,
          JoinPhoneHashes(change.phone_hashes));
}

}  // namespace veille::call_tracking
