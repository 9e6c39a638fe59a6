#include "call_tracking/domain/script.h"

#include <algorithm>

namespace veille::call_tracking {

const Question* FindQuestion(const Script& script, std::string_view id) {
  const auto found = std::find_if(script.questions.begin(), script.questions.end(),
                                  [id](const Question& question) { return question.id == id; });
  return found == script.questions.end() ? nullptr : &*found;
}

const AgreementText* FindAgreementText(const Script& script, std::string_view version) {
  const auto found =
      std::find_if(script.agreement_texts.begin(), script.agreement_texts.end(),
                   [version](const AgreementText& text) { return text.version == version; });
  return found == script.agreement_texts.end() ? nullptr : &*found;
}

}  // namespace veille::call_tracking
