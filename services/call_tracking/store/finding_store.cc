#include "call_tracking/store/finding_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/outbox_seal.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kStoreFindings{"findings.store", R"sql(
  INSERT INTO findings (landlord_id, finding_id, campaign_id, household_id, attempt_id, tenant_id,
                        kind, need, need_key, urgency, rule_id, raised_by_volunteer, words, shared,
                        sharing_basis, decision_reason, find_time, volunteer_id)
  SELECT landlord_id, finding_id, campaign_id, household_id, attempt_id, tenant_id, kind, need,
         need_key, urgency, rule_id, raised_by_volunteer, words, sharing_basis IS NOT NULL,
         sharing_basis, decision_reason, find_time, volunteer_id
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
              $8::bytea[], $9::bytea[], $10::text[], $11::bytea[], $12::boolean[], $13::bytea[],
              $14::text[], $15::text[], $16::timestamptz[], $17::uuid[])
       AS f (landlord_id, finding_id, campaign_id, household_id, attempt_id, tenant_id, kind, need,
             need_key, urgency, rule_id, raised_by_volunteer, words, sharing_basis,
             decision_reason, find_time, volunteer_id)
)sql"};

constexpr Query kListFindings{"findings.list", R"sql(
  SELECT finding_id, tenant_id, kind, need, urgency, rule_id, raised_by_volunteer, shared,
         sharing_basis, decision_reason, referral_state, referral_outcome, verification, came
  FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
    AND ($4::uuid IS NULL OR attempt_id = $4::uuid)
  ORDER BY find_time, finding_id
)sql"};

constexpr Query kListUndecided{"findings.list_undecided", R"sql(
  SELECT household_id, finding_id, tenant_id, kind, need, urgency, rule_id, raised_by_volunteer,
         shared, sharing_basis, decision_reason, referral_state, referral_outcome, verification, came
  FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = ANY($3::uuid[])
    AND decision_reason IS NOT NULL
  ORDER BY find_time, finding_id
)sql"};

// One row without a finding tells somebody who works here from somebody who does not. What is OPEN
// of a household that nobody will ask any more is not to be verified.
constexpr Query kListFlagged{"findings.list_flagged", R"sql(
  SELECT c.finding_id, c.household_id, c.tenant_id, c.kind, c.need, c.urgency, c.rule_id,
         c.raised_by_volunteer, c.shared, c.sharing_basis, c.decision_reason, c.referral_state,
         c.referral_outcome, c.verification, c.came, c.find_time, c.referral_time
  FROM volunteers AS v
  LEFT JOIN LATERAL (
    SELECT f.finding_id, f.household_id, f.tenant_id, f.kind, f.need, f.urgency, NULL::bytea AS rule_id,
           f.raised_by_volunteer, f.shared, f.sharing_basis, f.decision_reason, f.referral_state,
           f.referral_outcome, f.came, f.find_time, f.referral_time,
           CASE WHEN f.came IS NOT NULL OR h.to_verify > 0 THEN f.verification END AS verification
    FROM findings AS f
    JOIN cohort_households AS h ON h.landlord_id = f.landlord_id
      AND h.campaign_id = f.campaign_id AND h.household_id = f.household_id
    WHERE f.landlord_id = v.landlord_id AND f.campaign_id = $2::uuid
      AND f.volunteer_id = v.volunteer_id AND f.kind = 'NEED'
      AND ($4::uuid IS NULL OR (f.find_time, f.finding_id) < (
        SELECT last.find_time, last.finding_id FROM findings AS last
        WHERE last.landlord_id = $1::uuid AND last.finding_id = $4::uuid))
    ORDER BY f.find_time DESC, f.finding_id DESC LIMIT $5) AS c ON true
  WHERE v.landlord_id = $1::uuid AND v.subject = $3 AND v.state = 'ACTIVE'
  ORDER BY c.find_time DESC, c.finding_id DESC
)sql"};

constexpr Query kAppendFacts{"outbox.append_all", R"sql(
  INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time)
  SELECT landlord_id, message_id, topic, message_id, payload, veille_now()
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[])
       AS f (landlord_id, message_id, topic, payload)
)sql"};

std::optional<std::string> NameOrNull(std::string_view name) {
  if (name.empty()) return std::nullopt;
  return std::string(name);
}

// The columns of kStoreFindings.
struct FindingColumns {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::FindingId> findings;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::HouseholdId> households;
  std::vector<ids::AttemptId> attempts;
  std::vector<ids::TenantId> tenants;
  std::vector<std::string> kinds;
  std::vector<std::optional<db::Bytes>> needs;
  std::vector<std::optional<db::Bytes>> need_keys;
  std::vector<std::optional<std::string>> urgencies;
  std::vector<std::optional<db::Bytes>> rules;
  std::vector<bool> raised;
  std::vector<std::optional<db::Bytes>> words;
  std::vector<std::optional<std::string>> bases;
  std::vector<std::optional<std::string>> decisions;
  std::vector<absl::Time> times;
  std::vector<VolunteerId> volunteers;

  void Add(const FoundFindings& found, const Finding& finding, const privacy::Seal& seal) {
    const auto& [landlord, campaign, household] = found.household;
    const auto sealed = [&](std::string_view column,
                            std::string_view plain) -> std::optional<db::Bytes> {
      if (plain.empty()) return std::nullopt;
      return seal.Close(
          FindingSeal(column, found.household.landlord, found.household.campaign, finding.id),
          plain);
    };
    const std::string need(NameOf(finding.need));
    landlords.push_back(landlord);
    findings.push_back(finding.id);
    campaigns.push_back(campaign);
    households.push_back(household);
    attempts.push_back(found.attempt);
    tenants.push_back(finding.tenant);
    kinds.emplace_back(NameOf(finding.kind));
    needs.push_back(sealed("need", need));
    need_keys.push_back(std::nullopt);
    if (!need.empty()) {
      need_keys.back() = seal.Blind(campaign, absl::StrCat(finding.tenant.ToString(), " ", need));
    }
    urgencies.push_back(NameOrNull(NameOf(finding.urgency)));
    rules.push_back(sealed("rule_id", finding.rule));
    raised.push_back(finding.raised);
    words.push_back(sealed("words", finding.words));
    bases.push_back(NameOrNull(NameOf(finding.basis)));
    decisions.push_back(NameOrNull(NameOf(finding.decision)));
    times.push_back(found.now);
    volunteers.push_back(found.volunteer);
  }
};

template <typename Enum>
void ReadName(const db::Row& row, const char* column, Enum& value) {
  const auto name = row.Find<std::string>(column);
  if (name.has_value()) value = FromName<Enum>(*name).value_or(value);
}

absl::StatusOr<Finding> FindingFromRow(const db::Row& row, const privacy::Seal& seal,
                                       ids::LandlordId landlord, ids::CampaignId campaign) {
  Finding finding;
  finding.id = row.Get<ids::FindingId>("finding_id");
  finding.tenant = row.Get<ids::TenantId>("tenant_id");
  finding.raised = row.Get<bool>("raised_by_volunteer");
  ReadName(row, "kind", finding.kind);
  ReadName(row, "urgency", finding.urgency);
  if (row.Get<bool>("shared")) ReadName(row, "sharing_basis", finding.basis);
  ReadName(row, "decision_reason", finding.decision);
  ReadName(row, "referral_state", finding.referral_state);
  const auto open = [&](const char* column) -> absl::StatusOr<std::string> {
    const auto sealed = row.Find<db::Bytes>(column);
    if (!sealed.has_value()) return "";
    return seal.Open(FindingSeal(column, landlord, campaign, finding.id), *sealed);
  };
  ASSIGN_OR_RETURN(const std::string need, open("need"));
  finding.need = FromName<Need>(need).value_or(Need::kNone);
  ASSIGN_OR_RETURN(finding.rule, open("rule_id"));
  ASSIGN_OR_RETURN(const std::string outcome, open("referral_outcome"));
  if (!absl::SimpleAtoi(outcome, &finding.referral_outcome)) finding.referral_outcome = 0;
  if (!row.IsNull("verification")) finding.verification = Verification::kOpen;
  ASSIGN_OR_RETURN(const std::string came, open("came"));
  finding.verification = FromName<Verification>(came).value_or(finding.verification);
  return finding;
}

}  // namespace

privacy::SealContext FindingSeal(std::string_view column, ids::LandlordId landlord,
                                 ids::CampaignId campaign, ids::FindingId finding) {
  return {.table = "findings",
          .column = column,
          .landlord = landlord,
          .campaign = campaign,
          .row = finding.uuid()};
}

void StoreFindings(db::WriteTx& tx, const privacy::Seal& seal,
                   const std::vector<FoundFindings>& found) {
  FindingColumns c;
  for (const FoundFindings& each : found) {
    for (const Finding& finding : each.findings) c.Add(each, finding, seal);
  }
  if (c.findings.empty()) return;
  tx.Queue(kStoreFindings, c.landlords, c.findings, c.campaigns, c.households, c.attempts,
           c.tenants, c.kinds, c.needs, c.need_keys, c.urgencies, c.rules, c.raised, c.words,
           c.bases, c.decisions, c.times, c.volunteers);
}

absl::StatusOr<std::vector<Finding>> ListFindings(db::ReadTx& tx, const privacy::Seal& seal,
                                                  ids::LandlordId landlord,
                                                  ids::CampaignId campaign,
                                                  ids::HouseholdId household,
                                                  ids::AttemptId attempt) {
  const auto of_attempt = attempt.is_nil() ? std::nullopt : std::optional(attempt);
  std::vector<Finding> findings;
  for (const db::Row row : tx.Run(kListFindings, landlord, campaign, household, of_attempt)) {
    ASSIGN_OR_RETURN(Finding finding, FindingFromRow(row, seal, landlord, campaign));
    findings.push_back(std::move(finding));
  }
  return findings;
}

absl::StatusOr<std::map<ids::HouseholdId, std::vector<Finding>>> ListUndecided(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::vector<ids::HouseholdId>& households) {
  std::map<ids::HouseholdId, std::vector<Finding>> findings;
  for (const db::Row row : tx.Run(kListUndecided, landlord, campaign, households)) {
    ASSIGN_OR_RETURN(Finding finding, FindingFromRow(row, seal, landlord, campaign));
    findings[row.Get<ids::HouseholdId>("household_id")].push_back(std::move(finding));
  }
  return findings;
}

absl::StatusOr<std::optional<std::vector<FlaggedCase>>> ListFlagged(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::string& subject, ids::FindingId after, int limit) {
  const auto from = after.is_nil() ? std::nullopt : std::optional(after);
  const db::Rows rows = tx.Run(kListFlagged, landlord, campaign, subject, from, limit);
  if (rows.empty()) return std::nullopt;
  std::vector<FlaggedCase> cases;
  for (const db::Row row : rows) {
    if (row.IsNull("finding_id")) continue;
    FlaggedCase& flagged = cases.emplace_back();
    flagged.household = row.Get<ids::HouseholdId>("household_id");
    flagged.find_time = row.Get<absl::Time>("find_time");
    flagged.referral_time = row.Find<absl::Time>("referral_time");
    ASSIGN_OR_RETURN(flagged.finding, FindingFromRow(row, seal, landlord, campaign));
  }
  return cases;
}

void AppendFacts(db::WriteTx& tx, const privacy::Seal& seal,
                 const std::vector<OutgoingFact>& facts) {
  if (facts.empty()) return;
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::Uuid> messages;
  std::vector<std::string> topics;
  std::vector<db::Bytes> payloads;
  for (const OutgoingFact& fact : facts) {
    landlords.push_back(fact.landlord);
    messages.push_back(fact.message);
    topics.push_back(fact.topic);
    payloads.push_back(seal.Close(OutboxSeal(fact.landlord, fact.message), fact.payload));
  }
  tx.Queue(kAppendFacts, landlords, messages, topics, payloads);
}

const db::Query& StoreFindingsQuery() { return kStoreFindings; }
const db::Query& AppendFactsQuery() { return kAppendFacts; }

}  // namespace veille::call_tracking
