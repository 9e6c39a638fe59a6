#include "call_tracking/domain/triage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ids::TenantId kAnna = ids::TenantId::Random();
const ids::TenantId kPaul = ids::TenantId::Random();

Condition Is(const std::string& question, bool value) {
  Condition condition;
  condition.answer = {question, AnswerTest::EqualsBoolean{value}};
  return condition;
}

template <typename Test>
Condition Of(const std::string& question, Test test) {
  Condition condition;
  condition.answer = {question, test};
  return condition;
}

Condition Combine(Condition::Kind kind, std::vector<Condition> parts) {
  Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  return condition;
}

TriageRule NeedRule(const std::string& id, Condition condition, Need need, Urgency urgency) {
  return {id, std::move(condition), FindingKind::kNeed, need, urgency, {}};
}

Script Sample() {
  Script script;
  script.languages = {"fr", "en"};
  script.rules = {
      NeedRule("no_food", Is("eats", false), Need::kMeals, Urgency::kPriority),
      NeedRule("starves", Is("fridge_empty", true), Need::kMeals, Urgency::kEmergency),
      NeedRule("lonely_need", Is("sad", true), Need::kLoneliness, Urgency::kRoutine),
      {"weekly", Is("sad", true), FindingKind::kWeeklyCall, Need::kNone, Urgency::kNone, {}},
      {"well", Is("well", true), FindingKind::kAllWell, Need::kNone, Urgency::kNone, {}},
  };
  return script;
}

Agreement Share(ids::TenantId tenant, Need need, bool agreed) {
  return {tenant, AgreementKind::kShareNeed, need, agreed, "share-1", "needs a hand"};
}

TEST(Triage, EachRuleThatHoldsExplainsItsFinding) {
  const auto found = Triage(Sample(), {{kAnna, "eats", false}, {kAnna, "sad", true}}, {});
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].rule, "no_food");
  EXPECT_EQ(found[0].need, Need::kMeals);
  EXPECT_EQ(found[0].urgency, Urgency::kPriority);
  EXPECT_EQ(found[1].rule, "lonely_need");
  EXPECT_EQ(found[2].rule, "weekly");
  EXPECT_EQ(found[2].kind, FindingKind::kWeeklyCall);
}

TEST(Triage, OfSeveralWithTheSameNeedTheMostUrgentStands) {
  const auto found = Triage(Sample(), {{kAnna, "eats", false}, {kAnna, "fridge_empty", true}}, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].rule, "starves");
  EXPECT_EQ(found[0].urgency, Urgency::kEmergency);
}

TEST(Triage, FindingsAreAboutThePersonWhoAnswered) {
  const auto found = Triage(Sample(), {{kAnna, "eats", true}, {kPaul, "eats", false}}, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].tenant, kPaul);
}

TEST(Triage, AllIsWellOnlyWhenNothingElseWasFound) {
  EXPECT_THAT(Triage(Sample(), {{kAnna, "well", true}}, {}), SizeIs(1));
  const auto found = Triage(Sample(), {{kAnna, "well", true}, {kAnna, "eats", false}}, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, FindingKind::kNeed);
}

TEST(Triage, WhatTheVolunteerHeardAlwaysBecomesAFinding) {
  const auto found = Triage(Sample(), {{kAnna, "well", true}},
                            {{kAnna, Need::kAdmin, Urgency::kRoutine, "a letter"}});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].need, Need::kAdmin);
  EXPECT_TRUE(found[0].raised);
  EXPECT_EQ(found[0].rule, "");
  EXPECT_EQ(found[0].words, "a letter");
}

TEST(Triage, ARaisedFindingJoinsTheRulesAndCanOnlyMakeItMoreUrgent) {
  const std::vector<Answer> hungry = {{kAnna, "eats", false}};
  auto found = Triage(Sample(), hungry, {{kAnna, Need::kMeals, Urgency::kEmergency, "days"}});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].rule, "no_food");
  EXPECT_EQ(found[0].urgency, Urgency::kEmergency);
  EXPECT_TRUE(found[0].raised);
  found = Triage(Sample(), hungry, {{kAnna, Need::kMeals, Urgency::kRoutine, ""}});
  EXPECT_EQ(found[0].urgency, Urgency::kPriority);
}

class StatedRequestTest : public ::testing::Test {
 protected:
  StatedRequestTest() {
    Question request;
    request.id = "request";
    request.type = QuestionType::kChoice;
    request.choices = {{"nothing", {}, Need::kNone},
                       {"meals", {{"en", "Meals"}}, Need::kMeals},
                       {"papers", {{"en", "Papers"}}, Need::kAdmin}};
    script_.questions.push_back(request);
    script_.rules[0].explanations = {{"en", "No food"}};
  }
  std::vector<Finding> Asking(const std::string& choice, std::vector<Answer> also = {}) const {
    also.push_back({kAnna, "request", ChosenChoice{choice}});
    return Triage(script_, also, {});
  }

  Script script_ = Sample();
};

TEST_F(StatedRequestTest, IsAFindingWhateverTheRulesSay) {
  const auto found = Asking("papers", {{kAnna, "well", true}});
  ASSERT_THAT(found, SizeIs(1));  // all is not well
  EXPECT_EQ(found[0].need, Need::kAdmin);
  EXPECT_EQ(found[0].urgency, Urgency::kRoutine);
  EXPECT_EQ(found[0].rule, kStatedRequest);
  EXPECT_FALSE(found[0].raised);
  script_.rules.clear();
  EXPECT_THAT(Asking("papers"), SizeIs(1));
  EXPECT_THAT(Asking("nothing"), IsEmpty());
  EXPECT_THAT(Asking("elsewhere"), IsEmpty());
}

TEST_F(StatedRequestTest, JoinsTheRuleThatFindsTheSame) {
  const auto found = Asking("meals", {{kAnna, "eats", false}});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].rule, "no_food");
  EXPECT_EQ(found[0].urgency, Urgency::kPriority);
}

TEST_F(StatedRequestTest, EachFindingSaysWhy) {
  const std::vector<Answer> said = {{kPaul, "request", ChosenChoice{"meals"}},
                                    {kAnna, "request", ChosenChoice{"papers"}},
                                    {kAnna, "eats", false}};
  const auto found = Triage(script_, said, {{kAnna, Need::kDigital, Urgency::kRoutine, ""}});
  ASSERT_THAT(found, SizeIs(4));
  EXPECT_THAT(WhyFound(script_, said, found[0]), ElementsAre(LocalizedText{"en", "Meals"}));
  EXPECT_THAT(WhyFound(script_, said, found[1]), ElementsAre(LocalizedText{"en", "No food"}));
  EXPECT_THAT(WhyFound(script_, said, found[2]), ElementsAre(LocalizedText{"en", "Papers"}));
  EXPECT_THAT(WhyFound(script_, said, found[3]), IsEmpty());
}

TEST(Triage, WithoutAnswersNothingIsFound) { EXPECT_THAT(Triage(Sample(), {}, {}), IsEmpty()); }

TEST(Conditions, AQuestionWithoutAnAnswerNeverHolds) {
  EXPECT_FALSE(Holds(Is("eats", false), {}, kAnna));
  EXPECT_FALSE(Holds(Of("eats", AnswerTest::Answered{}), {{kPaul, "eats", true}}, kAnna));
  EXPECT_TRUE(Holds(Of("eats", AnswerTest::Answered{}), {{kAnna, "eats", true}}, kAnna));
}

TEST(Conditions, NumbersAndChoices) {
  const std::vector<Answer> said = {{kAnna, "meals_left", int64_t{2}},
                                    {kAnna, "who", ChosenChoice{"nobody"}}};
  EXPECT_TRUE(Holds(Of("meals_left", AnswerTest::AtMost{2}), said, kAnna));
  EXPECT_FALSE(Holds(Of("meals_left", AnswerTest::AtMost{1}), said, kAnna));
  EXPECT_TRUE(Holds(Of("meals_left", AnswerTest::AtLeast{2}), said, kAnna));
  EXPECT_FALSE(Holds(Of("meals_left", AnswerTest::AtLeast{3}), said, kAnna));
  EXPECT_TRUE(Holds(Of("who", AnswerTest::EqualsChoice{"nobody"}), said, kAnna));
  EXPECT_FALSE(Holds(Of("who", AnswerTest::EqualsChoice{"family"}), said, kAnna));
  EXPECT_FALSE(Holds(Is("who", true), said, kAnna));  // another type never holds
}

TEST(Conditions, AllAnyNot) {
  const std::vector<Answer> said = {{kAnna, "a", true}, {kAnna, "b", false}};
  const Condition a = Is("a", true);
  const Condition b = Is("b", true);
  EXPECT_FALSE(Holds(Combine(Condition::Kind::kAll, {a, b}), said, kAnna));
  EXPECT_TRUE(Holds(Combine(Condition::Kind::kAny, {a, b}), said, kAnna));
  EXPECT_TRUE(Holds(Combine(Condition::Kind::kNot, {b}), said, kAnna));
  EXPECT_FALSE(Holds(Combine(Condition::Kind::kNot, {a}), said, kAnna));
}

class SettleTest : public ::testing::Test {
 protected:
  static Finding Settled(FindingKind kind, Need need, Urgency urgency,
                         const std::vector<Agreement>& agreements) {
    std::vector<Finding> findings(1);
    findings[0].tenant = kAnna;
    findings[0].kind = kind;
    findings[0].need = need;
    findings[0].urgency = urgency;
    Settle(findings, agreements);
    return findings[0];
  }
  static Finding Meals(const std::vector<Agreement>& agreements,
                       Urgency urgency = Urgency::kPriority) {
    return Settled(FindingKind::kNeed, Need::kMeals, urgency, agreements);
  }
};

TEST_F(SettleTest, AnAgreedNeedIsSharedWithTheWordsAgreed) {
  const Finding finding = Meals({Share(kAnna, Need::kMeals, true)});
  EXPECT_EQ(finding.basis, SharingBasis::kAgreement);
  EXPECT_EQ(finding.shared_words, "needs a hand");
  EXPECT_EQ(finding.agreement_text, "share-1");
  EXPECT_EQ(finding.decision, DecisionReason::kNone);
}

TEST_F(SettleTest, WithoutAgreementItWaitsForTheCoordinator) {
  for (const auto& agreements : {std::vector<Agreement>{},
                                 {Share(kAnna, Need::kMeals, false)},
                                 {Share(kPaul, Need::kMeals, true)},
                                 {Share(kAnna, Need::kAdmin, true)}}) {
    const Finding finding = Meals(agreements);
    EXPECT_FALSE(finding.shared());
    EXPECT_EQ(finding.decision, DecisionReason::kNotAgreed);
  }
}

TEST_F(SettleTest, AnEmergencyThatNobodyCouldAskAboutIsSharedForVitalInterest) {
  const Finding finding = Meals({}, Urgency::kEmergency);
  EXPECT_EQ(finding.basis, SharingBasis::kVitalInterest);
  EXPECT_EQ(finding.decision, DecisionReason::kEmergency);
}

TEST_F(SettleTest, ARefusedEmergencyIsNotSharedAndIsTheCoordinators) {
  const Finding finding = Meals({Share(kAnna, Need::kMeals, false)}, Urgency::kEmergency);
  EXPECT_FALSE(finding.shared());
  EXPECT_EQ(finding.decision, DecisionReason::kEmergency);
}

TEST_F(SettleTest, AnEntryInTheTownHallsRegisterIsAskedForWithItsGroundAndNeverUnasked) {
  Agreement agreement = Share(kAnna, Need::kMunicipalRegister, true);
  agreement.register_entry =
      RegisterEntry{.ground = RegisterGround::kAge65, .non_objection_time = absl::UnixEpoch()};
  const auto settled = [](const std::vector<Agreement>& agreements) {
    return Settled(FindingKind::kNeed, Need::kMunicipalRegister, Urgency::kEmergency, agreements);
  };
  EXPECT_EQ(settled({agreement}).basis, SharingBasis::kAgreement);
  EXPECT_EQ(settled({agreement}).register_entry, agreement.register_entry);
  EXPECT_FALSE(settled({}).shared());
  EXPECT_EQ(settled({}).decision, DecisionReason::kEmergency);
}

TEST_F(SettleTest, AWeeklyCallIsAgreedToOrWaits) {
  const Agreement yes = {kAnna, AgreementKind::kWeeklyCall, Need::kNone, true, "weekly-1", ""};
  const auto settled = [](const std::vector<Agreement>& agreements) {
    return Settled(FindingKind::kWeeklyCall, Need::kNone, Urgency::kNone, agreements);
  };
  EXPECT_EQ(settled({yes}).decision, DecisionReason::kNone);
  EXPECT_FALSE(settled({yes}).shared());
  EXPECT_EQ(settled({}).decision, DecisionReason::kNotAgreed);
}

TEST_F(SettleTest, AllWellAsksForNothing) {
  const Finding finding = Settled(FindingKind::kAllWell, Need::kNone, Urgency::kNone, {});
  EXPECT_EQ(finding.decision, DecisionReason::kNone);
  EXPECT_FALSE(finding.shared());
}

TEST(EmergencyInstructions, TheScriptsOwnElseOneForEachOfItsLanguages) {
  Script script = Sample();
  const LocalizedTexts own = EmergencyInstructions(script);
  ASSERT_THAT(own, SizeIs(2));
  for (const LocalizedText& text : own) {
    for (const char* number : {"15", "112", "114"}) {
      EXPECT_NE(text.text.find(number), std::string::npos) << text.language;
    }
  }
  script.languages = {"de"};
  EXPECT_THAT(EmergencyInstructions(script), SizeIs(2));
  script.emergency_instructions = {{"fr", "Appelez."}};
  EXPECT_THAT(EmergencyInstructions(script), ElementsAre(LocalizedText{"fr", "Appelez."}));
}

}  // namespace
}  // namespace veille::call_tracking
