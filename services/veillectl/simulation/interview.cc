#include "veillectl/simulation/interview.h"

#include <algorithm>
#include <utility>

namespace veille::veillectl {
namespace {

bool Passes(const calls::v1::AnswerTest& test, const SpokenValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  switch (test.test_case()) {
    case calls::v1::AnswerTest::kEqualsBoolean: {
      const bool* said = std::get_if<bool>(&value);
      return said != nullptr && *said == test.equals_boolean();
    }
    case calls::v1::AnswerTest::kEqualsChoice: {
      const auto* chosen = std::get_if<std::string>(&value);
      return chosen != nullptr && *chosen == test.equals_choice();
    }
    case calls::v1::AnswerTest::kAtLeast:
      return number != nullptr && *number >= test.at_least();
    case calls::v1::AnswerTest::kAtMost:
      return number != nullptr && *number <= test.at_most();
    case calls::v1::AnswerTest::kAnswered:
      return true;
    case calls::v1::AnswerTest::TEST_NOT_SET:
      return false;
  }
  return false;
}

// The most urgent of each kind and need.
using Found = std::map<std::pair<calls::v1::FindingKind, common::v1::Need>, common::v1::Urgency>;

void Find(calls::v1::FindingKind kind, common::v1::Need need, common::v1::Urgency urgency,
          Found& found) {
  auto& stands = found[{kind, need}];
  stands = std::max(stands, urgency);
}

void FindRequests(const calls::v1::Script& script, const Spoken& spoken, Found& found) {
  for (const calls::v1::Question& question : script.questions()) {
    const auto said = spoken.find(question.question_id());
    if (said == spoken.end() || question.type() != calls::v1::QUESTION_TYPE_CHOICE) continue;
    for (const calls::v1::Choice& choice : question.choices()) {
      if (choice.requested_need() == common::v1::NEED_UNSPECIFIED) continue;
      if (std::get<std::string>(said->second) != choice.choice_id()) continue;
      Find(calls::v1::FINDING_KIND_NEED, choice.requested_need(), common::v1::URGENCY_ROUTINE,
           found);
    }
  }
}

void Apply(const calls::v1::TriageRule& rule, Found& found) {
  switch (rule.outcome_case()) {
    case calls::v1::TriageRule::kNeed:
      return Find(calls::v1::FINDING_KIND_NEED, rule.need().need(), rule.need().urgency(), found);
    case calls::v1::TriageRule::kWeeklyCall:
      return Find(calls::v1::FINDING_KIND_WEEKLY_CALL, {}, {}, found);
    case calls::v1::TriageRule::kAllWell:
      return Find(calls::v1::FINDING_KIND_ALL_WELL, {}, {}, found);
    case calls::v1::TriageRule::OUTCOME_NOT_SET:
      return;
  }
}

}  // namespace

bool Holds(const calls::v1::Condition& condition, const Spoken& spoken) {
  const auto holds = [&](const calls::v1::Condition& part) { return Holds(part, spoken); };
  switch (condition.condition_case()) {
    case calls::v1::Condition::kAnswer: {
      const auto said = spoken.find(condition.answer().question_id());
      return said != spoken.end() && Passes(condition.answer(), said->second);
    }
    case calls::v1::Condition::kAll:
      return std::all_of(condition.all().conditions().begin(), condition.all().conditions().end(),
                         holds);
    case calls::v1::Condition::kAny:
      return std::any_of(condition.any().conditions().begin(), condition.any().conditions().end(),
                         holds);
    case calls::v1::Condition::kNegation:
      return !holds(condition.negation());
    case calls::v1::Condition::CONDITION_NOT_SET:
      return false;
  }
  return false;
}

std::vector<Outcome> OutcomesOf(const calls::v1::Script& script, const Spoken& spoken) {
  Found found;
  FindRequests(script, spoken, found);
  for (const calls::v1::TriageRule& rule : script.rules()) {
    if (Holds(rule.condition(), spoken)) Apply(rule, found);
  }
  if (found.size() > 1)
    found.erase({calls::v1::FINDING_KIND_ALL_WELL, common::v1::NEED_UNSPECIFIED});
  std::vector<Outcome> outcomes;
  for (const auto& [what, urgency] : found) outcomes.push_back({what.first, what.second, urgency});
  return outcomes;
}

}  // namespace veille::veillectl
