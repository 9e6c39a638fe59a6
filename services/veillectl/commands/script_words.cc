#include "veillectl/commands/script_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "veillectl/client/names.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;

std::string TestInWords(const pb::AnswerTest& test) {
  const std::string& question = test.question_id();
  switch (test.test_case()) {
    case pb::AnswerTest::kEqualsBoolean:
      return absl::StrCat(question, test.equals_boolean() ? " is yes" : " is no");
    case pb::AnswerTest::kEqualsChoice:
      return absl::StrCat(question, " is ", test.equals_choice());
    case pb::AnswerTest::kAtLeast:
      return absl::StrCat(question, " is ", test.at_least(), " or more");
    case pb::AnswerTest::kAtMost:
      return absl::StrCat(question, " is ", test.at_most(), " or less");
    case pb::AnswerTest::kAnswered:
      return absl::StrCat(question, " is answered");
    case pb::AnswerTest::TEST_NOT_SET:
      break;
  }
  return question;
}

std::string Joined(const pb::ConditionList& list, const std::string& word) {
  return absl::StrJoin(
      list.conditions(), word, [](std::string* text, const pb::Condition& condition) {
        const bool nested = condition.has_all() || condition.has_any();
        absl::StrAppend(text, nested ? "(" : "", InWords(condition), nested ? ")" : "");
      });
}

std::string TypeInWords(const pb::Question& question) {
  switch (question.type()) {
    case pb::QUESTION_TYPE_BOOLEAN:
      return "yes or no";
    case pb::QUESTION_TYPE_NUMBER:
      return "a number";
    case pb::QUESTION_TYPE_TEXT:
      return "in their own words";
    default:
      return "one of";
  }
}

void PrintQuestion(const pb::Question& question, const std::string& language, std::ostream& out) {
  out << "  " << question.question_id() << ": " << TextIn(language, question.texts()) << " ["
      << TypeInWords(question) << (question.health() ? "; health" : "") << "]\n";
  if (question.has_asked_if()) out << "      asked if " << InWords(question.asked_if()) << "\n";
  for (const pb::Choice& choice : question.choices()) {
    out << "      " << choice.choice_id() << ": " << TextIn(language, choice.labels());
    if (choice.requested_need() != common::v1::NEED_UNSPECIFIED) {
      out << " (asks for " << NameOf(choice.requested_need()) << ")";
    }
    out << "\n";
  }
}

std::string OutcomeInWords(const pb::TriageRule& rule) {
  if (rule.has_weekly_call()) return "weekly-call";
  if (rule.has_all_well()) return "all-well";
  return absl::StrCat(NameOf(rule.need().need()), " ", NameOf(rule.need().urgency()));
}

}  // namespace

std::string InWords(const pb::Condition& condition) {
  switch (condition.condition_case()) {
    case pb::Condition::kAnswer:
      return TestInWords(condition.answer());
    case pb::Condition::kAll:
      return Joined(condition.all(), " and ");
    case pb::Condition::kAny:
      return Joined(condition.any(), " or ");
    case pb::Condition::kNegation:
      return absl::StrCat("not (", InWords(condition.negation()), ")");
    case pb::Condition::CONDITION_NOT_SET:
      break;
  }
  return "always";
}

std::string TextIn(const std::string& language,
                   const google::protobuf::RepeatedPtrField<common::v1::LocalizedText>& texts) {
  for (const common::v1::LocalizedText& text : texts) {
    if (text.language() == language) return text.text();
  }
  return texts.empty() ? "" : texts[0].text();
}

void PrintScript(const pb::Script& script, const std::string& language, std::ostream& out) {
  out << "Script " << script.title() << ": " << script.script_id() << " version "
      << script.version() << ", published " << Moment(script.publish_time()) << "\n  languages "
      << absl::StrJoin(script.languages(), ", ") << "\n\nQUESTIONS\n";
  for (const pb::Question& question : script.questions()) PrintQuestion(question, language, out);
  Table rules({"RULE", "FINDS", "WHEN", "BECAUSE"});
  for (const pb::TriageRule& rule : script.rules()) {
    rules.Add({rule.rule_id(), OutcomeInWords(rule), InWords(rule.condition()),
               TextIn(language, rule.explanations())});
  }
  out << "\n" << rules << "\n";
  Table agreements({"AGREEMENT", "TO", "WORDS"});
  for (const pb::AgreementText& text : script.agreement_texts()) {
    agreements.Add({text.text_version(), NameOf(text.kind()), TextIn(language, text.texts())});
  }
  out << agreements;
}

}  // namespace veille::veillectl
