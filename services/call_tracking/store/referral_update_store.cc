#include "call_tracking/store/referral_update_store.h"

#include <string>
#include <vector>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/names.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kLockFinding{"findings.lock", R"sql(
  SELECT referral_version FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND finding_id = $3::uuid FOR UPDATE
)sql"};

// An emergency stays one until a coordinator has decided, whatever its referral does.
constexpr db::Query kUpdateReferral{"findings.update_referral", R"sql(
  UPDATE findings
  SET referral_id = $4::uuid, referral_version = $5, referral_state = $6,
      referral_outcome = ($7::bytea[])[1], referral_time = $8::timestamptz,
      decision_reason = CASE
        WHEN decision_reason = 'EMERGENCY' THEN decision_reason
        WHEN $9::text IS NOT NULL THEN $9::text
        WHEN decision_reason IN ('NOT_COVERED', 'REFERRAL_ENDED') THEN NULL
        ELSE decision_reason END
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND finding_id = $3::uuid
    AND referral_version < $5
  RETURNING household_id
)sql"};

constexpr db::Query kListSharing{"findings.list_sharing", R"sql(
  SELECT campaign_id, finding_id FROM findings
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND finding_id <> $3::uuid
    AND referral_version < $4
  ORDER BY finding_id
)sql"};

constexpr db::Query kLeaveQueueForDecision{"call_queue.leave_for_decision", R"sql(
  DELETE FROM call_queue
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
)sql"};

// next_attempt_time stays: a household that was to be called again is, once nothing waits for a
// decision any more.
constexpr db::Query kAwaitDecision{"cohort_households.await_decision", R"sql(
  UPDATE cohort_households SET state = 'NEEDS_DECISION', decision_reason = $4
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
    AND state IN ('PENDING', 'DONE', 'FOLLOWED_UP')
)sql"};

constexpr db::Query kResume{"cohort_households.resume", R"sql(
  WITH resumed AS (
    UPDATE cohort_households AS h
    SET decision_reason = NULL, state = CASE
          WHEN h.objection THEN 'CLOSED'
          WHEN h.next_attempt_time IS NOT NULL THEN 'PENDING'
          WHEN EXISTS (
            SELECT FROM findings AS f
            WHERE f.landlord_id = h.landlord_id AND f.campaign_id = h.campaign_id
              AND f.household_id = h.household_id AND f.kind = 'WEEKLY_CALL') THEN 'FOLLOWED_UP'
          ELSE 'DONE' END
    WHERE h.landlord_id = $1::uuid AND h.campaign_id = $2::uuid AND h.household_id = $3::uuid
      AND h.state = 'NEEDS_DECISION' AND h.decision_reason IN ('NOT_COVERED', 'REFERRAL_ENDED')
      AND NOT EXISTS (
        SELECT FROM findings AS f
        WHERE f.landlord_id = h.landlord_id AND f.campaign_id = h.campaign_id
          AND f.household_id = h.household_id AND f.decision_reason IS NOT NULL)
    RETURNING h.landlord_id, h.campaign_id, h.household_id, h.time_zone, h.phone_hash, h.state,
              h.wait_reason, h.next_attempt_time
  )
  INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                          due_time, is_due)
  SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash,
         CASE wait_reason WHEN 'APPOINTMENT' THEN 10 WHEN 'RETRY' THEN 30 ELSE 20 END,
         next_attempt_time, next_attempt_time <= veille_now()
  FROM resumed WHERE state = 'PENDING' AND phone_hash IS NOT NULL
)sql"};

std::optional<std::string> ReasonToDecide(const ReferralUpdate& update) {
  if (update.not_covered) return std::string(NameOf(DecisionReason::kNotCovered));
  if (EndedBadly(update.state)) return std::string(NameOf(DecisionReason::kReferralEnded));
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> ReferralUpdateStore::LockVersion(ids::CampaignId campaign,
                                                        ids::FindingId finding) {
  const db::Rows rows = tx_.Run(kLockFinding, landlord_, campaign, finding);
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<int64_t>("referral_version");
}

void ReferralUpdateStore::Apply(const privacy::Seal& seal, const ReferralUpdate& update) {
  ApplyToOne(seal, update);
  for (const db::Row row :
       tx_.Run(kListSharing, landlord_, update.referral, update.finding, update.version)) {
    ReferralUpdate shared = update;
    shared.campaign = row.Get<ids::CampaignId>("campaign_id");
    shared.finding = row.Get<ids::FindingId>("finding_id");
    ApplyToOne(seal, shared);
  }
}

void ReferralUpdateStore::ApplyToOne(const privacy::Seal& seal, const ReferralUpdate& update) {
  const privacy::SealContext context{.table = "findings",
                                     .column = "referral_outcome",
                                     .landlord = landlord_,
                                     .campaign = update.campaign,
                                     .row = update.finding.uuid()};
  std::vector<std::optional<db::Bytes>> outcome(1);
  if (update.outcome != 0) outcome[0] = seal.Close(context, std::to_string(update.outcome));
  const std::optional<std::string> reason = ReasonToDecide(update);
  const db::Rows updated = tx_.Run(
      kUpdateReferral, landlord_, update.campaign, update.finding, update.referral, update.version,
      std::string(NameOf(update.state)), outcome, update.update_time, reason);
  if (updated.empty()) return;
  const auto household = updated[0].Get<ids::HouseholdId>("household_id");
  if (!reason.has_value()) {
    tx_.Run(kResume, landlord_, update.campaign, household);
    return;
  }
  // A call recorded meanwhile may have put it back into the queue, hence the second look.
  tx_.Run(kLeaveQueueForDecision, landlord_, update.campaign, household);
  const db::Rows waits = tx_.Run(kAwaitDecision, landlord_, update.campaign, household, *reason);
  if (waits.affected() > 0) {
    tx_.Run(kLeaveQueueForDecision, landlord_, update.campaign, household);
  }
}

}  // namespace veille::call_tracking
