#include "veillectl/commands/script_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "veillectl/client/names.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

std::string TestInWords(const calls::v1::AnswerTest& test) {
  const std::string& question = test.question_id();
  switch (test.test_case()) {
    case calls::v1::AnswerTest::kEqualsBoolean:
      return absl::StrCat(question, test.equals_boolean() ? " is yes" : " is no");
    case calls::v1::AnswerTest::kEqualsChoice:
      return absl::StrCat(question, " is ", test.equals_choice());
    case calls::v1::AnswerTest::kAtLeast:
      return absl::StrCat(question, " is ", test.at_least(), " or more");
    case calls::v1::AnswerTest::kAtMost:
      return absl::StrCat(question, " is ", test.at_most(), " or less");
    case calls::v1::AnswerTest::kAnswered:
      return absl::StrCat(question, " is answered");
    case calls::v1::AnswerTest::TEST_NOT_SET:
      break;
  }
  return question;
}

std::string ScriptWordsJoined(const calls::v1::ConditionList& list, const std::string& word) {
  return absl::StrJoin(
      list.conditions(), word, [](std::string* text, const calls::v1::Condition& condition) {
        const bool nested = condition.has_all() || condition.has_any();
        absl::StrAppend(text, nested ? "(" : "", InWords(condition), nested ? ")" : "");
      });
}

std::string TypeInWords(const calls::v1::Question& question) {
  switch (question.type()) {
    case calls::v1::QUESTION_TYPE_BOOLEAN:
      return "yes or no";
    case calls::v1::QUESTION_TYPE_NUMBER:
      return "a number";
    case calls::v1::QUESTION_TYPE_TEXT:
      return "in their own words";
    default:
      return "one of";
  }
}

void PrintQuestion(const calls::v1::Question& question, const std::string& language,
                   std::ostream& out) {
  out << "  " << question.question_id() << ": " << TextIn(language, question.texts()) << " ["
      << TypeInWords(question) << (question.health() ? "; health" : "") << "]\n";
  if (question.has_asked_if()) out << "      asked if " << InWords(question.asked_if()) << "\n";
  for (const calls::v1::Choice& choice : question.choices()) {
    out << "      " << choice.choice_id() << ": " << TextIn(language, choice.labels());
    if (choice.requested_need() != common::v1::NEED_UNSPECIFIED) {
      out << " (asks for " << NameOf(choice.requested_need()) << ")";
    }
    out << "\n";
  }
}

std::string OutcomeInWords(const calls::v1::TriageRule& rule) {
  if (rule.has_weekly_call()) return "weekly-call";
  if (rule.has_all_well()) return "all-well";
  return absl::StrCat(NameOf(rule.need().need()), " ", NameOf(rule.need().urgency()));
}

}  // namespace

std::string InWords(const calls::v1::Condition& condition) {
  switch (condition.condition_case()) {
    case calls::v1::Condition::kAnswer:
      return TestInWords(condition.answer());
    case calls::v1::Condition::kAll:
      return ScriptWordsJoined(condition.all(), " and ");
    case calls::v1::Condition::kAny:
      return ScriptWordsJoined(condition.any(), " or ");
    case calls::v1::Condition::kNegation:
      return absl::StrCat("not (", InWords(condition.negation()), ")");
    case calls::v1::Condition::CONDITION_NOT_SET:
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

void PrintScript(const calls::v1::Script& script, const std::string& language, std::ostream& out) {
  out << "Script " << script.title() << ": " << script.script_id() << " version "
      << script.version() << ", published " << Moment(script.publish_time()) << "\n  languages "
      << absl::StrJoin(script.languages(), ", ") << "\n\nQUESTIONS\n";
  for (const calls::v1::Question& question : script.questions())
    PrintQuestion(question, language, out);
  Table rules({"RULE", "FINDS", "WHEN", "BECAUSE"});
  for (const calls::v1::TriageRule& rule : script.rules()) {
    rules.Add({rule.rule_id(), OutcomeInWords(rule), InWords(rule.condition()),
               TextIn(language, rule.explanations())});
  }
  out << "\n" << rules << "\n";
  Table agreements({"AGREEMENT", "TO", "WORDS"});
  for (const calls::v1::AgreementText& text : script.agreement_texts()) {
    agreements.Add({text.text_version(), NameOf(text.kind()), TextIn(language, text.texts())});
  }
  out << agreements;
}

}  // namespace veille::veillectl
