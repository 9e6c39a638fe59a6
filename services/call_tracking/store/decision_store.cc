#include "call_tracking/store/decision_store.h"

#include <map>

#include "call_tracking/domain/names.h"
#include "call_tracking/store/finding_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kListReasons{"findings.list_reasons", R"sql(
  SELECT DISTINCT decision_reason FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
    AND decision_reason IS NOT NULL
)sql"};

// Emergencies before the others, each by household. A household that was decided meanwhile counts
// as an emergency when the next page begins after it.
constexpr Query kListDecisions{"cohort_households.list_to_decide", R"sql(
  SELECT household_id, state, decision_reason FROM cohort_households
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND decision_reason IS NOT NULL
    AND ($3::uuid IS NULL OR (decision_reason <> 'EMERGENCY', household_id) > (
      coalesce((SELECT last.decision_reason <> 'EMERGENCY' FROM cohort_households AS last
                WHERE last.landlord_id = $1::uuid AND last.campaign_id = $2::uuid
                  AND last.household_id = $3::uuid), false), $3::uuid))
  ORDER BY decision_reason <> 'EMERGENCY', household_id LIMIT $4
)sql"};

constexpr Query kReadEtags{"cohort_households.read_decision_etags", R"sql(
  SELECT h.household_id, md5(concat(h.decision_reason,
    (SELECT string_agg(f.finding_id || f.decision_reason, ' ' ORDER BY f.finding_id)
     FROM findings AS f
     WHERE f.landlord_id = h.landlord_id AND f.campaign_id = h.campaign_id
       AND f.household_id = h.household_id AND f.decision_reason IS NOT NULL),
    (SELECT string_agg(l.attempt_id::text, ' ' ORDER BY l.attempt_id)
     FROM late_records AS l
     WHERE l.landlord_id = h.landlord_id AND l.campaign_id = h.campaign_id
       AND l.household_id = h.household_id AND l.review_time IS NULL))) AS etag
  FROM cohort_households AS h
  WHERE h.landlord_id = $1::uuid AND h.campaign_id = $2::uuid AND h.household_id = ANY($3::uuid[])
    AND h.decision_reason IS NOT NULL
)sql"};

constexpr Query kListLateRecords{"late_records.list_open", R"sql(
  SELECT household_id, attempt_id, volunteer_id, record_time, record FROM late_records
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = ANY($3::uuid[])
    AND review_time IS NULL
  ORDER BY record_time, attempt_id
)sql"};

constexpr Query kLockFindings{"findings.lock_of_household", R"sql(
  SELECT finding_id FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
  ORDER BY finding_id FOR UPDATE
)sql"};

constexpr Query kEndDecision{"decisions.end", R"sql(
  WITH found AS (
    UPDATE findings SET decision_reason = NULL
    WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
      AND decision_reason IS NOT NULL
  ), late AS (
    UPDATE late_records SET review_time = $8::timestamptz
    WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
      AND review_time IS NULL
  )
  INSERT INTO decisions (landlord_id, decision_id, campaign_id, household_id, reason, decider, note,
                         decide_time)
  VALUES ($1::uuid, $4::uuid, $2::uuid, $3::uuid, $5, $6, $7::bytea, $8::timestamptz)
)sql"};

DecisionReason ReasonOf(const db::Row& row) {
  return FromName<DecisionReason>(row.Get<std::string>("decision_reason"))
      .value_or(DecisionReason::kNone);
}

// The most pressing reason of the household's findings.
DecisionReason ReadReason(db::ReadTx& tx, const HouseholdKey& key) {
  DecisionReason reason = DecisionReason::kNone;
  for (const db::Row row : tx.Run(kListReasons, key.landlord, key.campaign, key.household)) {
    reason = MorePressing(reason, ReasonOf(row));
  }
  return reason;
}

}  // namespace

absl::Status RefreshDecision(db::WriteTx& tx, const privacy::Seal& seal, const HouseholdKey& key,
                             absl::Time now) {
  ASSIGN_OR_RETURN(const auto standing, LockStanding(tx, seal, key));
  if (!standing.has_value()) return absl::OkStatus();
  // Read after the lock: a record that was just stored has its findings among them.
  DecisionReason reason = ReadReason(tx, key);
  if (IsOfHousehold(standing->decision)) reason = MorePressing(standing->decision, reason);
  if (reason == standing->decision) return absl::OkStatus();
  StoreStanding(tx, seal, key, Decided(*standing, reason), now);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Decision>> DecisionStore::List(ids::HouseholdId after, int limit) {
  const auto from = after.is_nil() ? std::nullopt : std::optional(after);
  std::vector<Decision> decisions;
  std::vector<ids::HouseholdId> households;
  for (const db::Row row : tx_.Run(kListDecisions, landlord_, campaign_, from, limit)) {
    Decision& decision = decisions.emplace_back();
    decision.household = row.Get<ids::HouseholdId>("household_id");
    decision.reason = ReasonOf(row);
    decision.state = FromName<HouseholdState>(row.Get<std::string>("state"))
                         .value_or(HouseholdState::kNeedsDecision);
    households.push_back(decision.household);
  }
  std::map<ids::HouseholdId, std::string> etags;
  for (const db::Row row : tx_.Run(kReadEtags, landlord_, campaign_, households)) {
    etags[row.Get<ids::HouseholdId>("household_id")] = row.Get<std::string>("etag");
  }
  ASSIGN_OR_RETURN(auto findings, ListUndecided(tx_, seal_, landlord_, campaign_, households));
  for (Decision& decision : decisions) {
    decision.findings = std::move(findings[decision.household]);
    decision.etag = etags[decision.household];
  }
  RETURN_IF_ERROR(ReadLateRecords(decisions, households));
  return decisions;
}

absl::Status DecisionStore::ReadLateRecords(std::vector<Decision>& decisions,
                                            const std::vector<ids::HouseholdId>& households) {
  std::map<ids::HouseholdId, Decision*> by_household;
  for (Decision& decision : decisions) by_household[decision.household] = &decision;
  for (const db::Row row : tx_.Run(kListLateRecords, landlord_, campaign_, households)) {
    const auto attempt = row.Get<ids::AttemptId>("attempt_id");
    ASSIGN_OR_RETURN(std::string record, seal_.Open({.table = "late_records",
                                                     .column = "record",
                                                     .landlord = landlord_,
                                                     .campaign = campaign_,
                                                     .row = attempt.uuid()},
                                                    row.Get<db::Bytes>("record")));
    by_household[row.Get<ids::HouseholdId>("household_id")]->late_records.push_back(
        {.attempt = attempt,
         .volunteer = row.Get<VolunteerId>("volunteer_id"),
         .record_time = row.Get<absl::Time>("record_time"),
         .record = std::move(record)});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<HouseholdStanding>> DecisionStore::Lock(ids::HouseholdId household) {
  tx_.Run(kLockFindings, landlord_, campaign_, household);
  return LockStanding(tx_, seal_, {landlord_, campaign_, household});
}

std::string DecisionStore::ReadEtag(ids::HouseholdId household) {
  const db::Rows rows = tx_.Run(kReadEtags, landlord_, campaign_, std::vector{household});
  return rows.empty() ? "" : rows[0].Get<std::string>("etag");
}

void DecisionStore::End(const DecisionAct& act) {
  const privacy::SealContext context{.table = "decisions",
                                     .column = "note",
                                     .landlord = landlord_,
                                     .campaign = campaign_,
                                     .row = act.id.uuid()};
  tx_.Run(kEndDecision, landlord_, campaign_, act.household, act.id,
          std::string(NameOf(act.reason)), act.decider, seal_.Close(context, act.note), act.now);
}

}  // namespace veille::call_tracking
