#include "bench/pair_script.h"

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bench/sql_fill.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/answer_store.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/lease_store.h"
#include "call_tracking/store/record_store.h"
#include "common/db/session.h"
#include "common/privacy/seal.h"
#include "veille/calls/v1/script.pb.h"

namespace veille::bench {
namespace {

using call_tracking::NameOf;
using Values = std::vector<std::string>;

// What the usual call leaves of its household.
std::string CompletedProgress() {
  return call_tracking::Encode({.attempts = {{call_tracking::Disposition::kCompleted, 1}},
                                .reached = true,
                                .completed = true,
                                .refused = false,
                                .weekly = {}});
}

constexpr std::string_view kUsualAnswer = "b1";

// The statement with `columns` of its rows gathered into arrays, in the order of `ord`: what a
// batch goes on with. The rows come from one more CTE, because a statement that writes may not
// stand in a FROM.
std::string Gathered(const std::string& sql, const Values& columns) {
  size_t last_select = 0;  // outside all brackets
  int depth = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')') --depth;
    if (depth == 0 && sql.compare(i, 7, "SELECT ") == 0) last_select = i;
  }
  Values gathered;
  for (const std::string& column : columns) {
    gathered.push_back(absl::StrCat("array_agg(", column, " ORDER BY ord) AS ", column));
  }
  return absl::StrCat(sql.substr(0, last_select), ", answer AS (", sql.substr(last_select),
                      ") SELECT ", absl::StrJoin(gathered, ", "), " FROM answer");
}

// The parameters of one pair, or of a batch, as arrays with an element for each pair. Results of
// the lease are variables lease_…, those of the lock lock_…: scalars of one pair, arrays of a
// batch.
class Parameters {
 public:
  explicit Parameters(int batch) : batch_(batch) {}

  // The same for each.
  std::string Each(const std::string& expression) const {
    return Array(absl::StrJoin(Values(static_cast<size_t>(batch_), expression), ", "));
  }

  // A column of what was leased or locked.
  std::string Result(const std::string& variable) const {
    return batch_ == 1 ? Array(":" + variable) : ":" + variable;
  }

  // An expression of an id (`$`) that the lease gave.
  std::string Of(const std::string& variable, const std::string& expression) const {
    const bool alone = batch_ == 1;
    const std::string id = alone ? absl::StrCat(":", variable, "::uuid") : "id";
    const std::string value = absl::StrReplaceAll(expression, {{"$", id}});
    if (alone) return Array(value);
    return absl::StrCat("ARRAY(SELECT ", value, " FROM unnest(:", variable,
                        "::uuid[]) WITH ORDINALITY AS all_of (id, ord) ORDER BY ord)");
  }

  // An id that the service would draw: another for each lease, the same throughout the pair.
  std::string IdOf(const std::string& what) const {
    return Of("lease_lease_id", absl::StrCat("md5(concat($::text, '", what, "'))::uuid"));
  }

  std::string Subjects() const {
    if (batch_ == 1) return Array("'bench-' || :client_id::text");
    return absl::StrCat("ARRAY(SELECT 'bench-' || (:client_id::integer * ", batch_,
                        " + n)::text FROM generate_series(0, ", batch_ - 1, ") AS n ORDER BY n)");
  }

 private:
  const int batch_;
};

const char kNow[] = "now()";
const char kNull[] = "NULL";
const char kFalse[] = "false";

class Script {
 public:
  explicit Script(const Pair& pair)
      : pair_(pair),
        of_(pair.batch),
        landlord_(of_.Each(Text(pair.landlord.ToString()))),
        campaign_(of_.Each(Text(pair.campaign.ToString()))),
        subject_(of_.Subjects()),
        lease_(of_.Result("lease_lease_id")),
        household_(of_.Result("lease_household_id")) {}

  std::string Write() {
    text_ = "\\set shard random(0, 63)\n";
    Begin();
    Grant();
    text_ += "END;\n";
    Begin();
    Lock();
    Store();
    Answer();
    if (pair_.needs_meals) Need();
    Count();
    return text_ + "END;\n";
  }

 private:
  void Begin() {
    absl::StrAppend(&text_, "BEGIN;\n",
                    Fill(db::ActForQuery(), {Text("{" + pair_.landlord.ToString() + "}")}), ";\n");
  }
  void Add(const db::Query& query, const Values& values) {
    absl::StrAppend(&text_, Fill(query, values), ";\n");
  }
  // Its results become variables that begin with `prefix`.
  void Ask(const db::Query& query, const Values& values, const std::string& prefix,
           const Values& columns) {
    const std::string sql = Fill(query, values);
    absl::StrAppend(&text_, pair_.batch == 1 ? sql : Gathered(sql, columns), "\\gset ", prefix,
                    "\n");
  }

  void Grant() {
    Ask(call_tracking::GrantLeasesQuery(),
        {landlord_, campaign_, subject_, of_.Each("gen_random_uuid()"),
         of_.Each("gen_random_uuid()"), of_.Each(kNow), "900000", "true",
         of_.Each("'00000000-0000-0000-0000-000000000000'"), "ARRAY[]"},
        "lease_", {"lease_id", "household_id", "attempt_number", "phone_hash"});
  }

  void Lock() {
    Ask(call_tracking::LockForRecordsQuery(),
        {landlord_, campaign_, lease_, subject_, of_.IdOf("record")}, "lock_",
        {"volunteer_id", "time_zone", "phone_hashes", "phone_hash"});
  }

  void Store() {
    using call_tracking::Disposition;
    Add(call_tracking::StoreRecordsQuery(),
        {landlord_,
         campaign_,
         household_,
         lease_,
         of_.Result("lock_volunteer_id"),
         of_.IdOf("attempt"),
         of_.IdOf("record"),
         of_.Result("lease_attempt_number"),
         of_.Result("lease_phone_hash"),
         of_.Each(Sealed(NameOf(Disposition::kCompleted))),
         of_.Each(kNow),
         of_.Each(kNull),
         of_.Each(kNow),
         subject_,
         of_.Result("lock_time_zone"),
         of_.Each(Text(NameOf(call_tracking::HouseholdState::kDone))),
         of_.Each(kNull),
         of_.Result("lease_attempt_number"),
         of_.Result("lock_phone_hashes"),
         of_.Result("lock_phone_hash"),
         of_.Each(kNull),
         of_.Each(kFalse),
         of_.Each(kNull),
         of_.Each(kNull),
         of_.Each(kNull),
         of_.Each(kNull),
         of_.Each(kNull),
         of_.Each(Sealed(CompletedProgress())),
         of_.Each("0")});
  }

  void Answer() {
    Add(call_tracking::StoreAnswersQuery(),
        {landlord_, campaign_, of_.IdOf("attempt"), household_,
         of_.Each(Text(pair_.needs_meals ? "meals" : "well")), of_.Each(Sealed(kUsualAnswer))});
  }

  void Need() {
    const std::string need = of_.Each(Sealed(NameOf(call_tracking::Need::kMeals)));
    Add(call_tracking::StoreAgreementsQuery(),
        {landlord_, campaign_, of_.IdOf("attempt"), of_.Each("0"), household_,
         of_.Each(Text(NameOf(call_tracking::AgreementKind::kShareNeed))), need,
         of_.Each(Sealed("yes")), of_.Each(kNull), of_.Each(Text("share-1")), of_.Each(kNow),
         of_.Each(kNull)});
    Add(call_tracking::StoreFindingsQuery(),
        {landlord_, of_.IdOf("finding"), campaign_, household_, of_.IdOf("attempt"), household_,
         of_.Each(Text(NameOf(call_tracking::FindingKind::kNeed))), need,
         of_.Of("lease_household_id", "sha256(convert_to($::text, 'UTF8'))"),
         of_.Each(Text(NameOf(call_tracking::Urgency::kRoutine))), of_.Each(Sealed("meals")),
         of_.Each(kFalse), of_.Each(kNull),
         of_.Each(Text(NameOf(call_tracking::SharingBasis::kAgreement))), of_.Each(kNull),
         of_.Each(kNow), of_.Result("lock_volunteer_id")});
    Add(call_tracking::AppendFactsQuery(),
        {landlord_, of_.IdOf("finding"), of_.Each(Text("create-referral")),
         of_.Each(Sealed(std::string(300, 'x')))});
  }

  // The figures in the order of their names, as the service adds them.
  void Count() {
    std::map<std::string, int> figures = {
        {"attempts", 1}, {"completed", 1}, {"disposition.COMPLETED", 1}, {"reached", 1}};
    if (pair_.needs_meals) figures.insert({{"needs_found", 1}, {"needs_shared", 1}});
    Values landlords;
    Values campaigns;
    Values names;
    Values amounts;
    for (const auto& [name, amount] : figures) {
      landlords.push_back(Text(pair_.landlord.ToString()));
      campaigns.push_back(Text(pair_.campaign.ToString()));
      names.push_back(Text(name));
      amounts.push_back(absl::StrCat(amount * pair_.batch));
    }
    Add(call_tracking::AddToFiguresQuery(),
        {Array(absl::StrJoin(landlords, ", ")), Array(absl::StrJoin(campaigns, ", ")),
         Array(absl::StrJoin(names, ", ")), Array(absl::StrJoin(amounts, ", ")), ":shard"});
  }

  const Pair pair_;
  const Parameters of_;
  const std::string landlord_;
  const std::string campaign_;
  const std::string subject_;
  const std::string lease_;
  const std::string household_;
  std::string text_;
};

}  // namespace

std::string PairScript(const Pair& pair) { return Script(pair).Write(); }

std::string CallScriptBody(const std::string& script_id) {
  namespace pb = ::veille::calls::v1;
  pb::Script script;
  script.set_script_id(script_id);
  script.set_version(1);
  script.set_title("bench");
  script.add_languages("fr");
  for (const char* question : {"well", "meals"}) {
    auto* asked = script.add_questions();
    asked->set_question_id(question);
    asked->set_type(pb::QUESTION_TYPE_BOOLEAN);
  }
  auto* rule = script.add_rules();
  rule->set_rule_id("meals");
  rule->mutable_condition()->mutable_answer()->set_question_id("meals");
  rule->mutable_condition()->mutable_answer()->set_equals_boolean(true);
  rule->mutable_need()->set_need(common::v1::NEED_MEALS);
  rule->mutable_need()->set_urgency(common::v1::URGENCY_ROUTINE);
  auto* agreement = script.add_agreement_texts();
  agreement->set_text_version("share-1");
  agreement->set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
  return script.SerializeAsString();
}

std::string PairStatements() {
  const db::Query all[] = {call_tracking::GrantLeasesQuery(), call_tracking::LockForRecordsQuery(),
                           call_tracking::StoreRecordsQuery(), call_tracking::StoreAnswersQuery(),
                           call_tracking::AddToFiguresQuery()};
  nlohmann::json statements;
  for (const db::Query& query : all) {
    statements[std::string(query.name)] = std::string(query.sql);
  }
  const auto sealed = [](std::string_view plain) {
    return absl::BytesToHexString(privacy::IdentitySeal().Close({}, plain).value);
  };
  return nlohmann::json{{"statements", statements},
                        {"sealed",
                         {{"disposition", sealed(NameOf(call_tracking::Disposition::kCompleted))},
                          {"answer", sealed(kUsualAnswer)},
                          {"progress", sealed(CompletedProgress())}}}}
      .dump();
}

}  // namespace veille::bench
