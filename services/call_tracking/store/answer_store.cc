#include "call_tracking/store/answer_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/record_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kStoreAnswers{"answers.store", R"sql(
  INSERT INTO answers (landlord_id, campaign_id, attempt_id, tenant_id, question_id, value)
  SELECT landlord_id, campaign_id, attempt_id, tenant_id, question_id, value
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bytea[])
       AS a (landlord_id, campaign_id, attempt_id, tenant_id, question_id, value)
)sql"};

constexpr Query kStoreAgreements{"agreements.store", R"sql(
  INSERT INTO agreements (landlord_id, campaign_id, attempt_id, position, tenant_id, kind, need,
                          agreed, words, text_version, agree_time, register_entry)
  SELECT landlord_id, campaign_id, attempt_id, position, tenant_id, kind, need, agreed, words,
         text_version, agree_time, register_entry
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::uuid[], $6::text[],
              $7::bytea[], $8::bytea[], $9::bytea[], $10::text[], $11::timestamptz[],
              $12::bytea[])
       AS a (landlord_id, campaign_id, attempt_id, position, tenant_id, kind, need, agreed, words,
             text_version, agree_time, register_entry)
)sql"};

constexpr Query kFindHealthAgreements{"agreements.find_health", R"sql(
  SELECT DISTINCT ON (a.tenant_id) a.tenant_id, a.attempt_id, a.agreed
  FROM agreements AS a
  WHERE a.landlord_id = $1::uuid AND a.campaign_id = $2::uuid AND a.tenant_id = ANY ($3::uuid[])
    AND a.kind = 'STORE_HEALTH_ANSWERS'
  ORDER BY a.tenant_id, a.agree_time DESC
)sql"};

constexpr std::string_view kAgreed = "yes";
constexpr std::string_view kNotAgreed = "no";

// The plain form of an answer: its type by a letter, then the value.
struct PlainText {
  std::string operator()(bool value) const { return value ? "b1" : "b0"; }
  std::string operator()(const ChosenChoice& choice) const { return "c" + choice.id; }
  std::string operator()(int64_t number) const { return absl::StrCat("n", number); }
  std::string operator()(const OwnWords& words) const { return "t" + words.text; }
};

// The plain form of a register entry: its ground by number, so that all are as long, then when the
// person did not object.
std::string PlainEntry(const RegisterEntry& entry) {
  return absl::StrCat(static_cast<int>(entry.ground), " ",
                      absl::ToUnixMicros(entry.non_objection_time));
}

// Seals a column of one record's rows.
struct ColumnSeal {
  const privacy::Seal& seal;
  privacy::SealContext context;

  ColumnSeal(const privacy::Seal& with, std::string_view table, std::string_view column,
             const StoredRecord& record)
      : seal(with),
        context{.table = table,
                .column = column,
                .landlord = record.landlord,
                .campaign = record.locked->lease.campaign,
                .row = record.attempt.uuid()} {}
  db::Bytes Close(std::string_view plain) const { return seal.Close(context, plain); }
};

}  // namespace

void StoreAnswers(db::WriteTx& tx, const privacy::Seal& seal,
                  const std::vector<StoredRecord>& records) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::AttemptId> attempts;
  std::vector<ids::TenantId> tenants;
  std::vector<std::string> questions;
  std::vector<db::Bytes> values;
  for (const StoredRecord& record : records) {
    const ColumnSeal value(seal, "answers", "value", record);
    for (const Answer& answer : *record.answers) {
      landlords.push_back(record.landlord);
      campaigns.push_back(record.locked->lease.campaign);
      attempts.push_back(record.attempt);
      tenants.push_back(answer.tenant);
      questions.push_back(answer.question);
      values.push_back(value.Close(std::visit(PlainText(), answer.value)));
    }
  }
  if (landlords.empty()) return;
  tx.Queue(kStoreAnswers, landlords, campaigns, attempts, tenants, questions, values);
}

void StoreAgreements(db::WriteTx& tx, const privacy::Seal& seal,
                     const std::vector<StoredRecord>& records) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<ids::AttemptId> attempts;
  std::vector<int32_t> positions;
  std::vector<ids::TenantId> tenants;
  std::vector<std::string> kinds;
  std::vector<std::optional<db::Bytes>> needs;
  std::vector<db::Bytes> agreed;
  std::vector<std::optional<db::Bytes>> words;
  std::vector<std::string> texts;
  std::vector<absl::Time> times;
  std::vector<std::optional<db::Bytes>> entries;
  for (const StoredRecord& record : records) {
    const ColumnSeal need(seal, "agreements", "need", record);
    const ColumnSeal said(seal, "agreements", "agreed", record);
    const ColumnSeal word(seal, "agreements", "words", record);
    const ColumnSeal entry(seal, "agreements", "register_entry", record);
    int position = 0;
    for (const Agreement& agreement : record.call->agreements) {
      landlords.push_back(record.landlord);
      campaigns.push_back(record.locked->lease.campaign);
      attempts.push_back(record.attempt);
      positions.push_back(position++);
      tenants.push_back(agreement.tenant);
      kinds.emplace_back(NameOf(agreement.kind));
      needs.push_back(std::nullopt);
      if (agreement.need != Need::kNone) needs.back() = need.Close(NameOf(agreement.need));
      agreed.push_back(said.Close(agreement.agreed ? kAgreed : kNotAgreed));
      words.push_back(std::nullopt);
      if (!agreement.words.empty()) words.back() = word.Close(agreement.words);
      texts.push_back(agreement.text_version);
      times.push_back(record.now);
      entries.push_back(std::nullopt);
      if (agreement.register_entry.has_value()) {
        entries.back() = entry.Close(PlainEntry(*agreement.register_entry));
      }
    }
  }
  if (landlords.empty()) return;
  tx.Queue(kStoreAgreements, landlords, campaigns, attempts, positions, tenants, kinds, needs,
           agreed, words, texts, times, entries);
}

absl::StatusOr<std::vector<ids::TenantId>> FindHealthAgreements(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::vector<ids::TenantId>& tenants) {
  std::vector<ids::TenantId> agreed;
  for (const db::Row row : tx.Run(kFindHealthAgreements, landlord, campaign, tenants)) {
    ASSIGN_OR_RETURN(const std::string said, seal.Open({.table = "agreements",
                                                        .column = "agreed",
                                                        .landlord = landlord,
                                                        .campaign = campaign,
                                                        .row = row.Get<ids::Uuid>("attempt_id")},
                                                       row.Get<db::Bytes>("agreed")));
    if (said == kAgreed) agreed.push_back(row.Get<ids::TenantId>("tenant_id"));
  }
  return agreed;
}

const db::Query& StoreAnswersQuery() { return kStoreAnswers; }
const db::Query& StoreAgreementsQuery() { return kStoreAgreements; }

}  // namespace veille::call_tracking
