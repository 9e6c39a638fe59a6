#include "call_tracking/domain/script.h"

#include <algorithm>

namespace veille::call_tracking {

const Question* FindQuestion(const Script& script, std::string_view id) {
  const auto found = std::find_if(script.questions.begin(), script.questions.end(),
                                  [id](const Question& question) { return question.id == id; });
  return found == script.questions.end() ? nullptr : &*found;
}

const TriageRule* FindRule(const Script& script, std::string_view id) {
  const auto found = std::find_if(script.rules.begin(), script.rules.end(),
                                  [id](const TriageRule& rule) { return rule.id == id; });
  return found == script.rules.end() ? nullptr : &*found;
}

const AgreementText* FindAgreementText(const Script& script, std::string_view version) {
  const auto found =
      std::find_if(script.agreement_texts.begin(), script.agreement_texts.end(),
                   [version](const AgreementText& text) { return text.version == version; });
  return found == script.agreement_texts.end() ? nullptr : &*found;
}

const Choice* FindChoice(const Script& script, const Answer& answer) {
  const auto* chosen = std::get_if<ChosenChoice>(&answer.value);
  const Question* question = FindQuestion(script, answer.question);
  if (chosen == nullptr || question == nullptr) return nullptr;
  const auto found =
      std::find_if(question->choices.begin(), question->choices.end(),
                   [chosen](const Choice& choice) { return choice.id == chosen->id; });
  return found == question->choices.end() ? nullptr : &*found;
}

}  // namespace veille::call_tracking
