// Whether answers can make a condition hold.

#include "call_tracking/domain/reachability.h"

#include <gtest/gtest.h>

namespace veille::call_tracking {
namespace {

Condition Is(const std::string& question, decltype(AnswerTest::test) test) {
  Condition condition;
  condition.answer = {question, std::move(test)};
  return condition;
}
Condition Yes(const std::string& question) { return Is(question, AnswerTest::EqualsBoolean{true}); }
Condition No(const std::string& question) { return Is(question, AnswerTest::EqualsBoolean{false}); }
Condition Of(Condition::Kind kind, std::vector<Condition> parts) {
  Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  return condition;
}
Condition All(std::vector<Condition> parts) { return Of(Condition::Kind::kAll, std::move(parts)); }
Condition Any(std::vector<Condition> parts) { return Of(Condition::Kind::kAny, std::move(parts)); }
Condition Not(Condition part) { return Of(Condition::Kind::kNot, {std::move(part)}); }

class ReachabilityTest : public ::testing::Test {
 protected:
  ReachabilityTest() {
    Ask("a", QuestionType::kBoolean);
    Ask("b", QuestionType::kBoolean);
    Ask("n", QuestionType::kNumber);
    Ask("c", QuestionType::kChoice);
    script_.questions.back().choices = {{"x", {}}, {"y", {}}};
  }
  void Ask(const std::string& id, QuestionType type) {
    Question question;
    question.id = id;
    question.type = type;
    script_.questions.push_back(question);
  }
  bool Can(const Condition& condition) const { return CanHold(script_, condition); }

  Script script_;
};

TEST_F(ReachabilityTest, Booleans) {
  EXPECT_TRUE(Can(Yes("a")));
  EXPECT_FALSE(Can(All({Yes("a"), No("a")})));
  EXPECT_TRUE(Can(Any({All({Yes("a"), No("a")}), Yes("b")})));
  EXPECT_FALSE(Can(All({Yes("a"), Not(Yes("a"))})));
  EXPECT_TRUE(Can(All({Not(Yes("a")), Not(No("a"))})));  // no answer
  EXPECT_FALSE(Can(All({Not(Yes("a")), Not(No("a")), Is("a", AnswerTest::Answered{})})));
  EXPECT_FALSE(Can(Not(Any({Yes("a"), Not(Yes("a"))}))));
}

TEST_F(ReachabilityTest, NumbersAndChoices) {
  const auto at_least = [](int64_t n) { return Is("n", AnswerTest::AtLeast{n}); };
  const auto at_most = [](int64_t n) { return Is("n", AnswerTest::AtMost{n}); };
  EXPECT_TRUE(Can(All({at_least(3), at_most(3)})));
  EXPECT_FALSE(Can(All({at_least(4), at_most(3)})));
  EXPECT_TRUE(Can(All({Not(at_least(4)), at_least(3)})));
  EXPECT_FALSE(Can(at_least(1'000'001)));  // beyond what an answer can be
  const Condition x = Is("c", AnswerTest::EqualsChoice{"x"});
  const Condition y = Is("c", AnswerTest::EqualsChoice{"y"});
  EXPECT_FALSE(Can(All({x, y})));
  EXPECT_FALSE(Can(All({Not(x), Not(y), Is("c", AnswerTest::Answered{})})));
  EXPECT_TRUE(Can(All({Not(x), y})));
}

TEST_F(ReachabilityTest, AQuestionMustBeAskedToBeAnswered) {
  script_.questions[1].asked_if = Yes("a");
  EXPECT_TRUE(Can(All({Yes("a"), Yes("b")})));
  EXPECT_FALSE(Can(All({No("a"), Yes("b")})));
  EXPECT_TRUE(Can(All({No("a"), Not(Yes("b"))})));
}

TEST_F(ReachabilityTest, AloneMeansThatNoneOfTheOthersHolds) {
  const auto alone = [this](const Condition& condition, const std::vector<Condition>& others) {
    std::vector<const Condition*> pointers;
    for (const Condition& other : others) pointers.push_back(&other);
    return CanHoldAlone(script_, condition, pointers);
  };
  const auto at_most = [](int64_t n) { return Is("n", AnswerTest::AtMost{n}); };
  EXPECT_TRUE(alone(Yes("a"), {}));
  EXPECT_TRUE(alone(Yes("a"), {Yes("b"), No("a")}));
  EXPECT_FALSE(alone(Yes("a"), {Yes("b"), Yes("a")}));
  EXPECT_FALSE(alone(All({Yes("a"), Yes("b")}), {Yes("b")}));
  EXPECT_TRUE(alone(Yes("b"), {All({Yes("a"), Yes("b")})}));
  EXPECT_TRUE(alone(at_most(5), {at_most(4)}));
  EXPECT_FALSE(alone(at_most(4), {at_most(5)}));
  EXPECT_FALSE(alone(Is("a", AnswerTest::Answered{}), {Yes("a"), No("a")}));
}

TEST_F(ReachabilityTest, WhatIsTooLargeToSearchCountsAsPossible) {
  std::vector<Condition> parts;
  for (int i = 0; i < 20; ++i) parts.push_back(Any({Yes("a"), No("a"), Yes("b"), No("b")}));
  parts.push_back(All({Yes("a"), No("a")}));
  std::swap(parts.front(), parts.back());  // the contradiction is looked at last
  EXPECT_TRUE(Can(All(parts)));
}

}  // namespace
}  // namespace veille::call_tracking
