#include "call_tracking/domain/reachability.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace veille::call_tracking {
namespace {

constexpr int kMostSteps = 20'000;
constexpr int64_t kLeastNumber = -1'000'000;
constexpr int64_t kLargestNumber = 1'000'000;

struct Literal {
  const AnswerTest* test;
  bool holds;
};
struct Goal {
  const Condition* condition;
  bool holds;
};

// Whether a number, or the index of a choice or a boolean, passes a test.
struct PassesWith {
  const Question& question;
  int64_t value;

  bool operator()(const AnswerTest::EqualsBoolean& test) const {
    return value == (test.value ? 1 : 0);
  }
  bool operator()(const AnswerTest::EqualsChoice& test) const {
    return question.choices[static_cast<size_t>(value)].id == test.choice;
  }
  bool operator()(const AnswerTest::AtLeast& test) const { return value >= test.value; }
  bool operator()(const AnswerTest::AtMost& test) const { return value <= test.value; }
  bool operator()(const AnswerTest::Answered&) const { return true; }
};

// One value of each kind that the tests tell apart.
std::vector<int64_t> Candidates(const Question& question, const std::vector<Literal>& literals) {
  std::vector<int64_t> values;
  switch (question.type) {
    case QuestionType::kBoolean:
      return {0, 1};
    case QuestionType::kText:
      return {0};
    case QuestionType::kChoice:
      for (size_t i = 0; i < question.choices.size(); ++i) {
        values.push_back(static_cast<int64_t>(i));
      }
      return values;
    case QuestionType::kNumber:
      values = {kLeastNumber, kLargestNumber};
      for (const Literal& literal : literals) {
        int64_t bound = 0;
        if (const auto* least = std::get_if<AnswerTest::AtLeast>(&literal.test->test)) {
          bound = std::clamp(least->value, kLeastNumber, kLargestNumber);
        } else if (const auto* most = std::get_if<AnswerTest::AtMost>(&literal.test->test)) {
          bound = std::clamp(most->value, kLeastNumber, kLargestNumber);
        }
        values.insert(values.end(), {bound - 1, bound, bound + 1});
      }
      std::erase_if(values, [](int64_t v) { return v < kLeastNumber || v > kLargestNumber; });
      return values;
  }
  return values;
}

// Whether one answer, or none, can agree with all literals about its question.
bool Consistent(const Question& question, const std::vector<Literal>& about) {
  const auto must_hold = [](const Literal& literal) { return literal.holds; };
  if (std::none_of(about.begin(), about.end(), must_hold)) return true;  // no answer
  const std::vector<int64_t> values = Candidates(question, about);
  return std::any_of(values.begin(), values.end(), [&](int64_t value) {
    return std::all_of(about.begin(), about.end(), [&](const Literal& literal) {
      return std::visit(PassesWith{question, value}, literal.test->test) == literal.holds;
    });
  });
}

class Searcher {
 public:
  explicit Searcher(const Script& script) : script_(script) {}

  bool Search(std::vector<Goal> goals, std::vector<Literal> literals) {
    while (!goals.empty()) {
      if (--steps_ < 0) return true;
      const Goal goal = goals.back();
      goals.pop_back();
      const Condition& condition = *goal.condition;
      switch (condition.kind) {
        case Condition::Kind::kAnswer:
          if (!Assume(goal, goals, literals)) return false;
          continue;
        case Condition::Kind::kNot:
          goals.push_back({&condition.parts.front(), !goal.holds});
          continue;
        case Condition::Kind::kAll:
        case Condition::Kind::kAny:
          break;
      }
      if ((condition.kind == Condition::Kind::kAll) == goal.holds) {
        for (const Condition& part : condition.parts) goals.push_back({&part, goal.holds});
        continue;
      }
      return std::any_of(condition.parts.begin(), condition.parts.end(),
                         [&](const Condition& part) {
                           std::vector<Goal> with = goals;
                           with.push_back({&part, goal.holds});
                           return Search(std::move(with), literals);
                         });
    }
    return true;
  }

 private:
  // Adds the literal; a question that must be answered must also be asked.
  bool Assume(const Goal& goal, std::vector<Goal>& goals, std::vector<Literal>& literals) {
    const AnswerTest& test = goal.condition->answer;
    const Question& question = *FindQuestion(script_, test.question);
    literals.push_back({&test, goal.holds});
    std::vector<Literal> about;
    for (const Literal& literal : literals) {
      if (literal.test->question == question.id) about.push_back(literal);
    }
    if (goal.holds && question.asked_if.has_value()) {
      goals.push_back({&*question.asked_if, true});
    }
    return Consistent(question, about);
  }

  const Script& script_;
  int steps_ = kMostSteps;
};

}  // namespace

bool CanHold(const Script& script, const Condition& condition) {
  return CanHoldAlone(script, condition, {});
}

bool CanHoldAlone(const Script& script, const Condition& condition,
                  const std::vector<const Condition*>& others) {
  std::vector<Goal> goals;
  for (const Condition* other : others) goals.push_back({other, false});
  goals.push_back({&condition, true});  // looked at first: it says most about the answers
  return Searcher(script).Search(std::move(goals), {});
}

}  // namespace veille::call_tracking
