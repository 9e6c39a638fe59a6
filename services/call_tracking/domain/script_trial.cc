#include "call_tracking/domain/script_trial.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/domain/triage.h"

namespace veille::call_tracking {
namespace {

bool Same(const ExpectedFinding& expected, const ExpectedFinding& found) {
  return expected.kind == found.kind && expected.need == found.need &&
         expected.urgency == found.urgency;
}

std::string Describe(const ExpectedFinding& finding) {
  std::string text(NameOf(finding.kind));
  if (finding.kind == FindingKind::kNeed) {
    absl::StrAppend(&text, " ", std::string(NameOf(finding.need)), " ",
                    std::string(NameOf(finding.urgency)));
  }
  return text;
}

bool Answers(const Script& script, const Question& question, const Answer& answer) {
  switch (question.type) {
    case QuestionType::kBoolean:
      return std::holds_alternative<bool>(answer.value);
    case QuestionType::kNumber:
      return std::holds_alternative<int64_t>(answer.value);
    case QuestionType::kText:
      return std::holds_alternative<OwnWords>(answer.value);
    case QuestionType::kChoice:
      return FindChoice(script, answer) != nullptr;
  }
  return false;
}

}  // namespace

std::vector<ScriptFault> CheckCases(const Script& script, const std::vector<ScriptCase>& cases) {
  std::vector<ScriptFault> faults;
  for (size_t i = 0; i < cases.size(); ++i) {
    for (size_t k = 0; k < cases[i].answers.size(); ++k) {
      const Answer& answer = cases[i].answers[k];
      const std::string place = absl::StrCat("cases[", i, "].answers[", k, "]");
      const Question* question = FindQuestion(script, answer.question);
      if (question == nullptr) {
        faults.push_back({place + ".question_id", "is no question of the script"});
      } else if (!Answers(script, *question, answer)) {
        faults.push_back({place, "is no answer to a question of this type"});
      } else if (!IsAsked(*question, cases[i].answers, answer.tenant)) {
        faults.push_back({place, "answers a question that is not asked after the other answers"});
      }
    }
  }
  return faults;
}

ScriptCaseResult Try(const Script& script, const ScriptCase& tried) {
  ScriptCaseResult result{
      .name = tried.name, .found = Triage(script, tried.answers, {}), .why = {}, .difference = ""};
  std::vector<ExpectedFinding> missing = tried.expected;
  std::vector<std::string> parts;
  for (const Finding& finding : result.found) {
    result.why.push_back(WhyFound(script, tried.answers, finding));
    const ExpectedFinding found{finding.kind, finding.need, finding.urgency};
    const auto match = std::find_if(missing.begin(), missing.end(),
                                    [&](const auto& expected) { return Same(expected, found); });
    if (match == missing.end()) {
      parts.push_back("found but not expected: " + Describe(found));
    } else {
      missing.erase(match);
    }
  }
  for (const ExpectedFinding& expected : missing) {
    parts.push_back("expected but not found: " + Describe(expected));
  }
  for (const std::string& part : parts) {
    absl::StrAppend(&result.difference, result.difference.empty() ? "" : "; ", part);
  }
  return result;
}

}  // namespace veille::call_tracking
