#include "call_tracking/store/referral_update_store.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/decision_store.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/verification_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

// The finding that is named, and those that share the referral, in the order of their ids: two
// updates of one referral, told of different findings, lock them alike.
constexpr db::Query kLockFindingsOfReferral{"findings.lock", R"sql(
  SELECT finding_id, campaign_id, household_id, referral_version,
         referral_state IS NOT DISTINCT FROM 'COMPLETED' AS completed
  FROM findings
  WHERE landlord_id = $1::uuid
    AND finding_id = ANY (ARRAY(
      SELECT f.finding_id FROM findings AS f
      WHERE f.landlord_id = $1::uuid AND f.referral_id = $2::uuid) || $3::uuid)
  ORDER BY finding_id FOR UPDATE
)sql"};

// What only a coordinator ends stays, whatever the referral does. One that was held to be refused
// was not, if there is a referral.
constexpr db::Query kUpdateReferral{"findings.update_referral", R"sql(
  UPDATE findings AS f
  SET referral_id = $3::uuid, referral_version = $4, referral_state = $5,
      referral_outcome = ($6::bytea[])[1], referral_time = $7::timestamptz,
      shared = sharing_basis IS NOT NULL,
      verification = CASE WHEN NOT $9::boolean THEN verification WHEN EXISTS (
          SELECT FROM cohort_subjects AS s
          WHERE s.landlord_id = f.landlord_id AND s.campaign_id = f.campaign_id
            AND s.household_id = f.household_id AND s.tenant_id = f.tenant_id AND s.active)
        THEN 'OPEN' END,
      came = CASE WHEN NOT $9::boolean THEN came END,
      decision_reason = CASE
        WHEN decision_reason IN ('EMERGENCY', 'LATE_RECORD') THEN decision_reason
        WHEN $8::text IS NOT NULL THEN $8::text
        WHEN decision_reason IN ('NOT_COVERED', 'REFERRAL_ENDED', 'NOT_SENDABLE') THEN NULL
        ELSE decision_reason END
  WHERE landlord_id = $1::uuid AND finding_id = $2::uuid
)sql"};

// Unless a referral is known by now: then the refusal came of a later try.
constexpr db::Query kMarkNotSendable{"findings.mark_not_sendable", R"sql(
  UPDATE findings
  SET shared = false,
      decision_reason = CASE WHEN decision_reason IN ('EMERGENCY', 'LATE_RECORD')
                             THEN decision_reason ELSE 'NOT_SENDABLE' END
  WHERE landlord_id = $1::uuid AND finding_id = $2::uuid AND referral_version = 0
  RETURNING campaign_id, household_id
)sql"};

// A household whose outcome is to be verified, and by which finding.
struct Verifying {
  ids::FindingId finding;
  absl::Duration grace;
};

std::optional<std::string> ReasonToDecide(const ReferralUpdate& update) {
  if (update.not_covered) return std::string(NameOf(DecisionReason::kNotCovered));
  if (EndedBadly(update.state)) return std::string(NameOf(DecisionReason::kReferralEnded));
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> ReferralUpdateStore::LockVersion(const ReferralUpdate& update) {
  locked_.clear();
  std::optional<int64_t> known;
  for (const db::Row row :
       tx_.Run(kLockFindingsOfReferral, landlord_, update.referral, update.finding)) {
    locked_.push_back({.finding = row.Get<ids::FindingId>("finding_id"),
                       .campaign = row.Get<ids::CampaignId>("campaign_id"),
                       .household = row.Get<ids::HouseholdId>("household_id"),
                       .version = row.Get<int64_t>("referral_version"),
                       .completed = row.Get<bool>("completed")});
    const LockedFinding& locked = locked_.back();
    if (locked.finding == update.finding && locked.campaign == update.campaign) {
      known = locked.version;
    }
  }
  return known;
}

absl::Status ReferralUpdateStore::Apply(const ReferralUpdate& update, absl::Time now) {
  std::set<HouseholdKey> households;
  std::map<HouseholdKey, Verifying> verifying;
  for (const LockedFinding& locked : locked_) {
    if (locked.version >= update.version) continue;
    const HouseholdKey household{landlord_, locked.campaign, locked.household};
    std::optional<absl::Duration> grace;
    if (update.state == ReferralState::kCompleted && !locked.completed) {
      grace = FindVerifyingGrace(tx_, landlord_, locked.campaign, now);
    }
    if (grace.has_value()) verifying.try_emplace(household, Verifying{locked.finding, *grace});
    Store(locked, update, grace.has_value());
    households.insert(household);
  }
  for (const HouseholdKey& household : households) {
    RETURN_IF_ERROR(RefreshDecision(tx_, seal_, household, now));
  }
  for (const auto& [household, begins] : verifying) {
    RETURN_IF_ERROR(BeginVerifying(tx_, seal_, household, begins.finding, begins.grace, now));
  }
  return absl::OkStatus();
}

absl::Status ReferralUpdateStore::Refuse(ids::FindingId finding, absl::Time now) {
  for (const db::Row row : tx_.Run(kMarkNotSendable, landlord_, finding)) {
    const HouseholdKey household{landlord_, row.Get<ids::CampaignId>("campaign_id"),
                                 row.Get<ids::HouseholdId>("household_id")};
    RETURN_IF_ERROR(RefreshDecision(tx_, seal_, household, now));
  }
  return absl::OkStatus();
}

void ReferralUpdateStore::Store(const LockedFinding& locked, const ReferralUpdate& update,
                                bool verify) {
  const privacy::SealContext context =
      FindingSeal("referral_outcome", landlord_, locked.campaign, locked.finding);
  std::vector<std::optional<db::Bytes>> outcome(1);
  if (update.outcome != 0) outcome[0] = seal_.Close(context, std::to_string(update.outcome));
  tx_.Run(kUpdateReferral, landlord_, locked.finding, update.referral, update.version,
          std::string(NameOf(update.state)), outcome, update.update_time, ReasonToDecide(update),
          verify);
}

}  // namespace veille::call_tracking
