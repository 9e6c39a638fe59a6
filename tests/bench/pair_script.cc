#include "bench/pair_script.h"

#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/answer_store.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/lease_store.h"
#include "call_tracking/store/record_store.h"
#include "common/privacy/seal.h"
#include "veille/calls/v1/script.pb.h"

namespace veille::bench {
namespace {

using call_tracking::NameOf;
using Values = std::vector<std::string>;

// The statement with its parameters written out; `$12` before `$1`.
std::string Fill(const db::Query& query, const Values& values) {
  const std::string sql(query.sql);
  std::string text;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '$') {
      text.push_back(sql[i]);
      continue;
    }
    size_t number = 0;
    while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') {
      number = number * 10 + static_cast<size_t>(sql[++i] - '0');
    }
    text += values.at(number - 1);
  }
  return text;
}

std::string Text(std::string_view value) { return absl::StrCat("'", std::string(value), "'"); }
std::string Array(const std::string& expression) { return absl::StrCat("ARRAY[", expression, "]"); }
std::string TextArray(std::string_view value) { return Array(Text(value)); }

std::string Sealed(std::string_view plain) {
  const db::Bytes bytes = privacy::IdentitySeal().Close({}, plain);
  return Array(absl::StrCat("'\\x", absl::BytesToHexString(bytes.value), "'"));
}

// An id that the service would draw: another for each lease, the same throughout the pair.
std::string IdOf(const std::string& what) {
  return Array(absl::StrCat("md5(concat(:lease_lease_id::text, '", what, "'))::uuid"));
}

const char kSubject[] = "ARRAY['bench-' || :client_id::text]";
const char kNow[] = "ARRAY[now()]";
const char kNull[] = "ARRAY[NULL]";
const char kFalse[] = "ARRAY[false]";
const char kLease[] = "ARRAY[:lease_lease_id]";
const char kHousehold[] = "ARRAY[:lease_household_id]";

class Script {
 public:
  explicit Script(const Pair& pair)
      : pair_(pair),
        landlord_(TextArray(pair.landlord.ToString())),
        campaign_(TextArray(pair.campaign.ToString())) {}

  std::string Write() {
    text_ = "\\set shard random(0, 63)\nBEGIN;\n";
    Grant();
    text_ += "END;\nBEGIN;\n";
    Lock();
    Store();
    Answer();
    if (pair_.needs_meals) Need();
    Count();
    return text_ + "END;\n";
  }

 private:
  void Add(const db::Query& query, const Values& values, const char* end = ";") {
    absl::StrAppend(&text_, Fill(query, values), end, "\n");
  }

  void Grant() {
    Add(call_tracking::GrantLeasesQuery(),
        {landlord_, campaign_, kSubject, Array("gen_random_uuid()"), Array("gen_random_uuid()"),
         kNow, "900000", "true", "ARRAY['00000000-0000-0000-0000-000000000000']", "ARRAY[]"},
        "\\gset lease_");
  }

  void Lock() {
    Add(call_tracking::LockForRecordsQuery(),
        {landlord_, campaign_, kLease, kSubject, IdOf("record")}, "\\gset lock_");
  }

  void Store() {
    using call_tracking::Disposition;
    const call_tracking::Progress progress{.attempts = {{Disposition::kCompleted, 1}},
                                           .reached = true,
                                           .completed = true,
                                           .refused = false,
                                           .weekly = {}};
    Add(call_tracking::StoreRecordsQuery(),
        {landlord_,
         campaign_,
         kHousehold,
         kLease,
         "ARRAY[:lock_volunteer_id]",
         IdOf("attempt"),
         IdOf("record"),
         "ARRAY[:lease_attempt_number]",
         "ARRAY[:lease_phone_hash]",
         Sealed(NameOf(Disposition::kCompleted)),
         kNow,
         kNull,
         kNow,
         kSubject,
         "ARRAY[:lock_time_zone]",
         TextArray(NameOf(call_tracking::HouseholdState::kDone)),
         kNull,
         "ARRAY[:lease_attempt_number]",
         "ARRAY[:lock_phone_hashes]",
         "ARRAY[:lock_phone_hash]",
         kNull,
         kFalse,
         kNull,
         kNull,
         kNull,
         kNull,
         kNull,
         Sealed(Encode(progress))});
  }

  void Answer() {
    Add(call_tracking::StoreAnswersQuery(),
        {landlord_, campaign_, IdOf("attempt"), kHousehold,
         TextArray(pair_.needs_meals ? "meals" : "well"), Sealed("b1")});
  }

  void Need() {
    const std::string need(NameOf(call_tracking::Need::kMeals));
    Add(call_tracking::StoreAgreementsQuery(),
        {landlord_, campaign_, IdOf("attempt"), "ARRAY[0]", kHousehold,
         TextArray(NameOf(call_tracking::AgreementKind::kShareNeed)), Sealed(need), Sealed("yes"),
         kNull, TextArray("share-1"), kNow});
    Add(call_tracking::StoreFindingsQuery(),
        {landlord_, IdOf("finding"), campaign_, kHousehold, IdOf("attempt"), kHousehold,
         TextArray(NameOf(call_tracking::FindingKind::kNeed)), Sealed(need),
         "ARRAY[sha256(convert_to(:lease_household_id::text, 'UTF8'))]",
         TextArray(NameOf(call_tracking::Urgency::kRoutine)), Sealed("meals"), kFalse, kNull,
         TextArray(NameOf(call_tracking::SharingBasis::kAgreement)), kNull, kNow});
    Add(call_tracking::AppendFactsQuery(),
        {landlord_, IdOf("finding"), TextArray("create-referral"), Sealed(std::string(300, 'x'))});
  }

  // The figures in the order of their names, as the service adds them.
  void Count() {
    std::map<std::string, int> figures = {
        {"attempts", 1}, {"completed", 1}, {"disposition.COMPLETED", 1}, {"reached", 1}};
    if (pair_.needs_meals) figures.insert({{"needs_found", 1}, {"needs_shared", 1}});
    std::string landlords;
    std::string campaigns;
    std::string names;
    std::string amounts;
    for (const auto& [name, amount] : figures) {
      const char* comma = names.empty() ? "" : ", ";
      absl::StrAppend(&landlords, comma, Text(pair_.landlord.ToString()));
      absl::StrAppend(&campaigns, comma, Text(pair_.campaign.ToString()));
      absl::StrAppend(&names, comma, Text(name));
      absl::StrAppend(&amounts, comma, amount);
    }
    Add(call_tracking::AddToFiguresQuery(),
        {Array(landlords), Array(campaigns), Array(names), Array(amounts), ":shard"});
  }

  const Pair pair_;
  const std::string landlord_;
  const std::string campaign_;
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

}  // namespace veille::bench
