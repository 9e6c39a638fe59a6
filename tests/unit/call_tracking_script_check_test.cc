// What makes a script nonsense beyond its single conditions: rules that others always outdo, words
// of agreement that are missing, and cases about questions that are not asked.

#include "call_tracking/domain/script_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "call_tracking/domain/script_trial.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const LocalizedTexts kText = {{"fr", "…"}};

Condition Yes(const std::string& question) {
  Condition condition;
  condition.answer = {question, AnswerTest::EqualsBoolean{true}};
  return condition;
}
Condition AtMost(int64_t most) {
  Condition condition;
  condition.answer = {"n", AnswerTest::AtMost{most}};
  return condition;
}
Condition Both(Condition one, Condition other) {
  Condition condition;
  condition.kind = Condition::Kind::kAll;
  condition.parts = {std::move(one), std::move(other)};
  return condition;
}

class ScriptCheckTest : public ::testing::Test {
 protected:
  ScriptCheckTest() {
    script_.languages = {"fr"};
    for (const char* id : {"a", "b"}) Ask(id, QuestionType::kBoolean);
    Ask("n", QuestionType::kNumber);
    for (const AgreementKind kind : {AgreementKind::kShareNeed, AgreementKind::kWeeklyCall,
                                     AgreementKind::kStoreHealthAnswers}) {
      script_.agreement_texts.push_back({std::to_string(static_cast<int>(kind)), kind, kText});
    }
  }
  Question& Ask(const std::string& id, QuestionType type) {
    Question question;
    question.id = id;
    question.type = type;
    question.texts = kText;
    script_.questions.push_back(question);
    return script_.questions.back();
  }
  void AddRule(const Condition& condition, FindingKind outcome, Need need = Need::kNone,
               Urgency urgency = Urgency::kNone) {
    script_.rules.push_back(
        {"rule_" + std::to_string(script_.rules.size()), condition, outcome, need, urgency, kText});
  }
  void AddNeed(const Condition& condition, Need need, Urgency urgency) {
    AddRule(condition, FindingKind::kNeed, need, urgency);
  }
  std::vector<std::string> Places() const {
    std::vector<std::string> places;
    for (const ScriptFault& fault : CheckScript(script_)) places.push_back(fault.place);
    return places;
  }

  Script script_;
};

TEST_F(ScriptCheckTest, ARuleThatAMoreUrgentOneAlwaysOutdoesIsRefused) {
  AddNeed(Both(Yes("a"), Yes("b")), Need::kMeals, Urgency::kRoutine);
  AddNeed(Yes("a"), Need::kMeals, Urgency::kPriority);
  EXPECT_THAT(Places(), ElementsAre("rules[0]"));
  script_.rules[0].urgency = Urgency::kEmergency;
  EXPECT_THAT(Places(), IsEmpty());
  script_.rules[0].urgency = Urgency::kRoutine;
  script_.rules[0].need = Need::kAdmin;  // another need: both stand
  EXPECT_THAT(Places(), IsEmpty());
}

TEST_F(ScriptCheckTest, OfTwoAlikeTheSecondIsRefused) {
  AddNeed(AtMost(3), Need::kMeals, Urgency::kRoutine);
  AddNeed(AtMost(1), Need::kMeals, Urgency::kRoutine);
  EXPECT_THAT(Places(), ElementsAre("rules[1]"));
  std::swap(script_.rules[0].condition, script_.rules[1].condition);
  EXPECT_THAT(Places(), IsEmpty());  // the first says more, and only sometimes
}

TEST_F(ScriptCheckTest, AllIsWellContradictsARuleThatHoldsWithIt) {
  AddRule(Both(Yes("a"), Yes("b")), FindingKind::kAllWell);
  AddRule(Yes("a"), FindingKind::kWeeklyCall);
  EXPECT_THAT(Places(), ElementsAre("rules[0]"));
  script_.rules[0].condition = Yes("b");
  EXPECT_THAT(Places(), IsEmpty());
}

TEST_F(ScriptCheckTest, TheMarkOfStatedRequestsIsNoRule) {
  AddNeed(Yes("a"), Need::kMeals, Urgency::kRoutine);
  script_.rules[0].id = kStatedRequest;
  EXPECT_THAT(Places(), ElementsAre("rules[0].rule_id"));
}

TEST_F(ScriptCheckTest, WhatMustBeAgreedToHasItsWords) {
  AddRule(Yes("a"), FindingKind::kWeeklyCall);
  AddRule(Yes("b"), FindingKind::kAllWell);
  EXPECT_THAT(Places(), IsEmpty());
  script_.agreement_texts.clear();
  EXPECT_THAT(Places(), ElementsAre("agreement_texts"));  // of the weekly call
  script_.questions[0].health = true;
  EXPECT_THAT(Places(), ElementsAre("agreement_texts", "agreement_texts"));
  Question& request = Ask("request", QuestionType::kChoice);
  request.choices = {{"nothing", kText, Need::kNone}, {"meals", kText, Need::kMeals}};
  EXPECT_THAT(Places(), ElementsAre("agreement_texts", "agreement_texts", "agreement_texts"));
}

TEST_F(ScriptCheckTest, CasesAnswerQuestionsThatAreAsked) {
  script_.questions[1].asked_if = Yes("a");
  const auto places = [this](std::vector<Answer> answers) {
    std::vector<std::string> found;
    for (const ScriptFault& fault : CheckCases(script_, {{"case", std::move(answers), {}}})) {
      found.push_back(fault.place);
    }
    return found;
  };
  EXPECT_THAT(places({{{}, "a", true}, {{}, "b", true}}), IsEmpty());
  EXPECT_THAT(places({{{}, "a", false}, {{}, "b", true}}), ElementsAre("cases[0].answers[1]"));
  EXPECT_THAT(places({{{}, "b", true}}), ElementsAre("cases[0].answers[0]"));
}

}  // namespace
}  // namespace veille::call_tracking
