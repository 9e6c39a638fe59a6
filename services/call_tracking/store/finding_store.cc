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
                        sharing_basis, decision_reason, find_time)
  SELECT landlord_id, finding_id, campaign_id, household_id, attempt_id, tenant_id, kind, need,
         need_key, urgency, rule_id, raised_by_volunteer, words, sharing_basis IS NOT NULL,
         sharing_basis, decision_reason, find_time
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
              $8::bytea[], $9::bytea[], $10::text[], $11::bytea[], $12::boolean[], $13::bytea[],
              $14::text[], $15::text[], $16::timestamptz[])
       AS f (landlord_id, finding_id, campaign_id, household_id, attempt_id, tenant_id, kind, need,
             need_key, urgency, rule_id, raised_by_volunteer, words, sharing_basis,
             decision_reason, find_time)
)sql"};

constexpr Query kListFindings{"findings.list", R"sql(
  SELECT finding_id, tenant_id, kind, need, urgency, rule_id, raised_by_volunteer, shared,
         sharing_basis, decision_reason, referral_state, referral_outcome
  FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
    AND ($4::uuid IS NULL OR attempt_id = $4::uuid)
  ORDER BY find_time, finding_id
)sql"};

constexpr Query kListUndecided{"findings.list_undecided", R"sql(
  SELECT household_id, finding_id, tenant_id, kind, need, urgency, rule_id, raised_by_volunteer,
         shared, sharing_basis, decision_reason, referral_state, referral_outcome
  FROM findings
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = ANY($3::uuid[])
    AND decision_reason IS NOT NULL
  ORDER BY find_time, finding_id
)sql"};

constexpr Query kAppendFacts{"outbox.append_all", R"sql(
  INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time)
  SELECT landlord_id, message_id, topic, message_id, payload, veille_now()
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[])
       AS f (landlord_id, message_id, topic, payload)
)sql"};

privacy::SealContext FindingSeal(std::string_view column, ids::LandlordId landlord,
                                 ids::CampaignId campaign, ids::FindingId finding) {
  return {.table = "findings",
          .column = column,
          .landlord = landlord,
          .campaign = campaign,
          .row = finding.uuid()};
}

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
  return finding;
}

}  // namespace

void StoreFindings(db::WriteTx& tx, const privacy::Seal& seal,
                   const std::vector<FoundFindings>& found) {
  FindingColumns c;
  for (const FoundFindings& each : found) {
    for (const Finding& finding : each.findings) c.Add(each, finding, seal);
  }
  if (c.findings.empty()) return;
  tx.Queue(kStoreFindings, c.landlords, c.findings, c.campaigns, c.households, c.attempts,
           c.tenants, c.kinds, c.needs, c.need_keys, c.urgencies, c.rules, c.raised, c.words,
           c.bases, c.decisions, c.times);
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
