#include "call_tracking/store/verification_store.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/finding_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kLockOutcomes{"findings.lock_outcomes", R"sql(
  SELECT a.ord, f.finding_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
       AS a (landlord_id, campaign_id, lease_id, referral_id, ord)
  JOIN leases AS l ON l.landlord_id = a.landlord_id AND l.lease_id = a.lease_id
    AND l.campaign_id = a.campaign_id
  JOIN findings AS f ON f.landlord_id = a.landlord_id AND f.referral_id = a.referral_id
    AND f.campaign_id = l.campaign_id AND f.household_id = l.household_id
    AND f.verification IS NOT NULL
  ORDER BY f.finding_id FOR UPDATE OF f
)sql"};

constexpr Query kStoreVerifications{"findings.store_verifications", R"sql(
  UPDATE findings AS f
  SET verification = 'ASKED', came = v.came,
      decision_reason = CASE
        WHEN v.decision_reason IS NULL OR f.decision_reason IN ('EMERGENCY', 'LATE_RECORD')
          THEN f.decision_reason
        ELSE v.decision_reason END
  FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[])
       AS v (landlord_id, finding_id, came, decision_reason)
  WHERE f.landlord_id = v.landlord_id AND f.finding_id = v.finding_id
)sql"};

constexpr Query kCountToVerify{"findings.count_to_verify", R"sql(
  SELECT a.ord, (
    SELECT count(*) FROM findings AS f
    JOIN cohort_subjects AS s ON s.landlord_id = f.landlord_id AND s.campaign_id = f.campaign_id
      AND s.household_id = f.household_id AND s.tenant_id = f.tenant_id AND s.active
    WHERE f.landlord_id = a.landlord_id AND f.campaign_id = a.campaign_id
      AND f.household_id = a.household_id AND f.verification = 'OPEN') AS to_verify
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
       AS a (landlord_id, campaign_id, household_id, ord)
)sql"};

constexpr Query kListToVerify{"findings.list_to_verify", R"sql(
  SELECT f.finding_id, f.referral_id, f.tenant_id, f.need, f.referral_outcome, f.referral_time
  FROM findings AS f
  JOIN cohort_subjects AS s ON s.landlord_id = f.landlord_id AND s.campaign_id = f.campaign_id
    AND s.household_id = f.household_id AND s.tenant_id = f.tenant_id AND s.active
  WHERE f.landlord_id = $1::uuid AND f.campaign_id = $2::uuid AND f.household_id = $3::uuid
    AND f.verification = 'OPEN'
  ORDER BY f.referral_time, f.referral_id, f.finding_id
)sql"};

constexpr Query kFindVerifyingGrace{"campaigns.find_verifying_grace", R"sql(
  SELECT weekly_grace_seconds FROM campaigns
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND state IN ('RUNNING', 'PAUSED')
    AND end_time > $3::timestamptz
)sql"};

// Of a household that has just been put into the queue.
constexpr Query kKeepForFlagger{"call_queue.keep_for_flagger", R"sql(
  UPDATE call_queue AS q SET volunteer_id = f.volunteer_id, own_time = $5::timestamptz
  FROM findings AS f
  WHERE q.landlord_id = $1::uuid AND q.campaign_id = $2::uuid AND q.household_id = $3::uuid
    AND f.landlord_id = q.landlord_id AND f.finding_id = $4::uuid AND f.volunteer_id IS NOT NULL
)sql"};

}  // namespace

std::vector<LockedOutcome> LockOutcomes(db::WriteTx& tx, const std::vector<SaidOfOutcome>& said) {
  std::vector<LockedOutcome> locked;
  if (said.empty()) return locked;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::LeaseId> leases;
  std::vector<ids::ReferralId> referrals;
  for (const SaidOfOutcome& each : said) {
    landlords.push_back(each.landlord);
    campaigns.push_back(each.campaign);
    leases.push_back(each.lease);
    referrals.push_back(each.referral);
  }
  for (const db::Row row : tx.Run(kLockOutcomes, landlords, campaigns, leases, referrals)) {
    locked.push_back({.said = static_cast<size_t>(row.Get<int64_t>("ord") - 1),
                      .finding = row.Get<ids::FindingId>("finding_id")});
  }
  return locked;
}

void StoreVerifications(db::WriteTx& tx, const privacy::Seal& seal,
                        const std::vector<VerifiedFinding>& verified) {
  // Two calls of one batch may be about the same: what a coordinator must know stands.
  std::map<ids::FindingId, const VerifiedFinding*> each;
  for (const VerifiedFinding& said : verified) {
    const VerifiedFinding*& stands = each.try_emplace(said.finding, &said).first->second;
    const DecisionReason reason = ReasonOf(stands->came);
    if (MorePressing(reason, ReasonOf(said.came)) != reason) stands = &said;
  }
  if (each.empty()) return;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::FindingId> findings;
  std::vector<db::Bytes> came;
  std::vector<std::optional<std::string>> reasons;
  for (const auto& [finding, said] : each) {
    landlords.push_back(said->landlord);
    findings.push_back(finding);
    came.push_back(seal.Close(FindingSeal("came", said->landlord, said->campaign, finding),
                              NameOf(said->came)));
    const std::string_view reason = NameOf(ReasonOf(said->came));
    reasons.push_back(reason.empty() ? std::nullopt : std::optional(std::string(reason)));
  }
  tx.Queue(kStoreVerifications, landlords, findings, came, reasons);
}

std::map<HouseholdKey, int> CountToVerify(db::ReadTx& tx,
                                          const std::vector<HouseholdKey>& households) {
  std::map<HouseholdKey, int> counts;
  if (households.empty()) return counts;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::HouseholdId> ids;
  for (const HouseholdKey& key : households) {
    landlords.push_back(key.landlord);
    campaigns.push_back(key.campaign);
    ids.push_back(key.household);
  }
  for (const db::Row row : tx.Run(kCountToVerify, landlords, campaigns, ids)) {
    counts[households[static_cast<size_t>(row.Get<int64_t>("ord") - 1)]] =
        row.Get<int>("to_verify");
  }
  return counts;
}

absl::StatusOr<std::vector<OutcomeToVerify>> ListOutcomesToVerify(db::ReadTx& tx,
                                                                  const privacy::Seal& seal,
                                                                  const HouseholdKey& household) {
  std::vector<OutcomeToVerify> outcomes;
  for (const db::Row row :
       tx.Run(kListToVerify, household.landlord, household.campaign, household.household)) {
    const auto finding = row.Get<ids::FindingId>("finding_id");
    const auto open = [&](const char* column) -> absl::StatusOr<std::string> {
      const auto sealed = row.Find<db::Bytes>(column);
      if (!sealed.has_value()) return "";
      return seal.Open(FindingSeal(column, household.landlord, household.campaign, finding),
                       *sealed);
    };
    const auto referral = row.Get<ids::ReferralId>("referral_id");
    const bool listed = std::any_of(outcomes.begin(), outcomes.end(), [&](const auto& outcome) {
      return outcome.referral == referral;
    });
    if (listed) continue;  // two findings share it
    OutcomeToVerify& outcome = outcomes.emplace_back();
    outcome.referral = referral;
    outcome.tenant = row.Get<ids::TenantId>("tenant_id");
    outcome.report_time = row.Get<absl::Time>("referral_time");
    ASSIGN_OR_RETURN(const std::string need, open("need"));
    outcome.need = FromName<Need>(need).value_or(Need::kNone);
    ASSIGN_OR_RETURN(const std::string number, open("referral_outcome"));
    if (!absl::SimpleAtoi(number, &outcome.outcome)) outcome.outcome = 0;
  }
  return outcomes;
}

std::optional<absl::Duration> FindVerifyingGrace(db::ReadTx& tx, ids::LandlordId landlord,
                                                 ids::CampaignId campaign, absl::Time now) {
  const db::Rows rows = tx.Run(kFindVerifyingGrace, landlord, campaign, now);
  if (rows.empty()) return std::nullopt;
  return absl::Seconds(rows[0].Get<int64_t>("weekly_grace_seconds"));
}

absl::Status BeginVerifying(db::WriteTx& tx, const privacy::Seal& seal,
                            const HouseholdKey& household, ids::FindingId finding,
                            absl::Duration grace, absl::Time now) {
  ASSIGN_OR_RETURN(const auto locked, LockStanding(tx, seal, household));
  if (!locked.has_value()) return absl::OkStatus();
  const int outcomes = CountToVerify(tx, {household})[household];
  const HouseholdStanding standing = ToVerify(*locked, outcomes, grace, now);
  StoreStanding(tx, seal, household, standing, now);
  const bool begins = standing.state == HouseholdState::kPending &&
                      standing.wait == WaitReason::kVerification &&
                      standing.next_attempt_time != locked->next_attempt_time;
  if (begins) {
    tx.Queue(kKeepForFlagger, household.landlord, household.campaign, household.household, finding,
             now);
  }
  return absl::OkStatus();
}

}  // namespace veille::call_tracking
