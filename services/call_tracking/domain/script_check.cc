#include "call_tracking/domain/script_check.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "call_tracking/domain/reachability.h"

namespace veille::call_tracking {
namespace {

std::string At(const std::string& field, size_t index) {
  return absl::StrCat(field, "[", index, "]");
}

bool Fits(const AnswerTest& test, QuestionType type) {
  if (std::holds_alternative<AnswerTest::EqualsBoolean>(test.test)) {
    return type == QuestionType::kBoolean;
  }
  if (std::holds_alternative<AnswerTest::EqualsChoice>(test.test)) {
    return type == QuestionType::kChoice;
  }
  if (std::holds_alternative<AnswerTest::Answered>(test.test)) return true;
  return type == QuestionType::kNumber;
}

class Checker {
 public:
  explicit Checker(const Script& script) : script_(script) {}

  std::vector<ScriptFault> Run() {
    CheckLanguages();
    CheckQuestions();
    CheckRules();
    CheckAgreements();
    CheckTexts("emergency_instructions", script_.emergency_instructions, false);
    return std::move(faults_);
  }

 private:
  void Add(std::string place, std::string fault) {
    faults_.push_back({std::move(place), std::move(fault)});
  }

  void CheckUnique(const std::string& place, const std::string& id, std::set<std::string>& seen) {
    if (!seen.insert(id).second) Add(place, "stands in the script twice");
  }

  void CheckLanguages() {
    std::set<std::string> seen;
    for (size_t i = 0; i < script_.languages.size(); ++i) {
      CheckUnique(At("languages", i), script_.languages[i], seen);
    }
  }

  // One text per language of the script, and no other.
  void CheckTexts(const std::string& place, const LocalizedTexts& texts, bool required) {
    if (texts.empty() && !required) return;
    std::set<std::string> seen;
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto& languages = script_.languages;
      if (std::find(languages.begin(), languages.end(), texts[i].language) == languages.end()) {
        Add(At(place, i), "is in a language that the script does not name");
      }
      CheckUnique(At(place, i), texts[i].language, seen);
    }
    for (size_t i = 0; i < script_.languages.size(); ++i) {
      if (!seen.contains(script_.languages[i])) {
        Add(place, absl::StrCat("lacks the text in ", At("languages", i)));
      }
    }
  }

  void CheckQuestions() {
    std::set<std::string> ids;
    for (size_t i = 0; i < script_.questions.size(); ++i) {
      const Question& question = script_.questions[i];
      const std::string place = At("questions", i);
      CheckUnique(place + ".question_id", question.id, ids);
      CheckTexts(place + ".texts", question.texts, true);
      std::set<std::string> choices;
      for (size_t k = 0; k < question.choices.size(); ++k) {
        const std::string choice = At(place + ".choices", k);
        CheckUnique(choice + ".choice_id", question.choices[k].id, choices);
        CheckTexts(choice + ".labels", question.choices[k].labels, true);
      }
      if (question.asked_if.has_value()) {
        CheckCondition(place + ".asked_if", *question.asked_if, i, "is never asked");
      }
    }
  }

  void CheckRules() {
    std::set<std::string> ids;
    for (size_t i = 0; i < script_.rules.size(); ++i) {
      const TriageRule& rule = script_.rules[i];
      const std::string place = At("rules", i);
      CheckUnique(place + ".rule_id", rule.id, ids);
      if (rule.id == kStatedRequest) Add(place + ".rule_id", "is kept for what tenants ask for");
      CheckTexts(place + ".explanations", rule.explanations, true);
      CheckCondition(place + ".condition", rule.condition, script_.questions.size(),
                     "can never hold");
    }
    if (!faults_.empty()) return;  // what can be outdone is asked of sound rules only
    for (size_t i = 0; i < script_.rules.size(); ++i) CheckStands(i);
  }

  // Whether the finding of `other` takes the place of that of the rule when both hold.
  bool Outdoes(size_t other, size_t rule) const {
    const TriageRule& a = script_.rules[other];
    const TriageRule& b = script_.rules[rule];
    if (other == rule) return false;
    if (b.outcome == FindingKind::kAllWell && a.outcome != FindingKind::kAllWell) return true;
    if (a.outcome != b.outcome || a.need != b.need) return false;
    return a.urgency > b.urgency || (a.urgency == b.urgency && other < rule);
  }

  void CheckStands(size_t rule) {
    std::vector<const Condition*> stronger;
    for (size_t i = 0; i < script_.rules.size(); ++i) {
      if (Outdoes(i, rule)) stronger.push_back(&script_.rules[i].condition);
    }
    if (stronger.empty() || CanHoldAlone(script_, script_.rules[rule].condition, stronger)) return;
    Add(At("rules", rule), script_.rules[rule].outcome == FindingKind::kAllWell
                               ? "contradicts the others: whenever it holds, one of them finds "
                                 "something"
                               : "can never stand: whenever it holds, another rule finds the same "
                                 "at least as urgent");
  }

  void CheckAgreements() {
    std::set<std::string> versions;
    std::set<AgreementKind> kinds;
    for (size_t i = 0; i < script_.agreement_texts.size(); ++i) {
      const AgreementText& text = script_.agreement_texts[i];
      CheckUnique(At("agreement_texts", i) + ".text_version", text.version, versions);
      CheckTexts(At("agreement_texts", i) + ".texts", text.texts, true);
      kinds.insert(text.kind);
    }
    const auto finds = [this](FindingKind kind) {
      return std::any_of(script_.rules.begin(), script_.rules.end(),
                         [kind](const TriageRule& rule) { return rule.outcome == kind; });
    };
    const auto requests = [](const Question& question) {
      return std::any_of(question.choices.begin(), question.choices.end(),
                         [](const Choice& choice) { return choice.requested != Need::kNone; });
    };
    const auto& questions = script_.questions;
    const auto lacks = [&](AgreementKind kind, bool needed, const std::string& fault) {
      if (needed && !kinds.contains(kind)) Add("agreement_texts", fault);
    };
    lacks(AgreementKind::kShareNeed,
          finds(FindingKind::kNeed) || std::any_of(questions.begin(), questions.end(), requests),
          "has none of kind SHARE_NEED although a rule or a choice names a need");
    lacks(AgreementKind::kWeeklyCall, finds(FindingKind::kWeeklyCall),
          "has none of kind WEEKLY_CALL although a rule finds a weekly call");
    lacks(AgreementKind::kStoreHealthAnswers,
          std::any_of(questions.begin(), questions.end(),
                      [](const Question& question) { return question.health; }),
          "has none of kind STORE_HEALTH_ANSWERS although a question is about health");
  }

  // The condition may look at the first `visible` questions.
  void CheckCondition(const std::string& place, const Condition& condition, size_t visible,
                      const std::string& unreachable) {
    const size_t before = faults_.size();
    CheckReferences(place, condition, visible);
    sound_ = sound_ && faults_.size() == before;
    if (sound_ && !CanHold(script_, condition)) Add(place, unreachable);
  }

  void CheckReferences(const std::string& place, const Condition& condition, size_t visible) {
    switch (condition.kind) {
      case Condition::Kind::kAnswer:
        return CheckTest(place + ".answer", condition.answer, visible);
      case Condition::Kind::kNot:
        return CheckReferences(place + ".negation", condition.parts.front(), visible);
      case Condition::Kind::kAll:
      case Condition::Kind::kAny: {
        const char* list = condition.kind == Condition::Kind::kAll ? ".all" : ".any";
        for (size_t i = 0; i < condition.parts.size(); ++i) {
          CheckReferences(At(absl::StrCat(place, list, ".conditions"), i), condition.parts[i],
                          visible);
        }
      }
    }
  }

  void CheckTest(const std::string& place, const AnswerTest& test, size_t visible) {
    const Question* question = FindQuestion(script_, test.question);
    if (question == nullptr) return Add(place + ".question_id", "is no question of the script");
    if (static_cast<size_t>(question - script_.questions.data()) >= visible) {
      return Add(place + ".question_id", "is not asked before the question that it guards");
    }
    if (!Fits(test, question->type)) {
      return Add(place, "is no test for a question of this type");
    }
    const auto* choice = std::get_if<AnswerTest::EqualsChoice>(&test.test);
    if (choice == nullptr) return;
    const auto same = [&](const Choice& known) { return known.id == choice->choice; };
    if (std::none_of(question->choices.begin(), question->choices.end(), same)) {
      Add(place + ".equals_choice", "is no choice of the question");
    }
  }

  const Script& script_;
  std::vector<ScriptFault> faults_;
  // Whether all conditions so far look at earlier questions only. Whether a condition can hold is
  // asked only then: questions that guard each other in a circle would be followed round and round.
  bool sound_ = true;
};

}  // namespace

std::vector<ScriptFault> CheckScript(const Script& script) { return Checker(script).Run(); }

}  // namespace veille::call_tracking
