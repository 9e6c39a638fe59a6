#include "veillectl/simulation/interview.h"

#include <algorithm>
#include <utility>

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;

bool Passes(const pb::AnswerTest& test, const SpokenValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  switch (test.test_case()) {
    case pb::AnswerTest::kEqualsBoolean: {
      const bool* said = std::get_if<bool>(&value);
      return said != nullptr && *said == test.equals_boolean();
    }
    case pb::AnswerTest::kEqualsChoice: {
      const auto* chosen = std::get_if<std::string>(&value);
      return chosen != nullptr && *chosen == test.equals_choice();
    }
    case pb::AnswerTest::kAtLeast:
      return number != nullptr && *number >= test.at_least();
    case pb::AnswerTest::kAtMost:
      return number != nullptr && *number <= test.at_most();
    case pb::AnswerTest::kAnswered:
      return true;
    case pb::AnswerTest::TEST_NOT_SET:
      return false;
  }
  return false;
}

// The most urgent of each kind and need.
using Found = std::map<std::pair<pb::FindingKind, common::v1::Need>, common::v1::Urgency>;

void Find(pb::FindingKind kind, common::v1::Need need, common::v1::Urgency urgency, Found& found) {
  auto& stands = found[{kind, need}];
  stands = std::max(stands, urgency);
}

void FindRequests(const pb::Script& script, const Spoken& spoken, Found& found) {
  for (const pb::Question& question : script.questions()) {
    const auto said = spoken.find(question.question_id());
    if (said == spoken.end() || question.type() != pb::QUESTION_TYPE_CHOICE) continue;
    for (const pb::Choice& choice : question.choices()) {
      if (choice.requested_need() == common::v1::NEED_UNSPECIFIED) continue;
      if (std::get<std::string>(said->second) != choice.choice_id()) continue;
      Find(pb::FINDING_KIND_NEED, choice.requested_need(), common::v1::URGENCY_ROUTINE, found);
    }
  }
}

void Apply(const pb::TriageRule& rule, Found& found) {
  switch (rule.outcome_case()) {
    case pb::TriageRule::kNeed:
      return Find(pb::FINDING_KIND_NEED, rule.need().need(), rule.need().urgency(), found);
    case pb::TriageRule::kWeeklyCall:
      return Find(pb::FINDING_KIND_WEEKLY_CALL, {}, {}, found);
    case pb::TriageRule::kAllWell:
      return Find(pb::FINDING_KIND_ALL_WELL, {}, {}, found);
    case pb::TriageRule::OUTCOME_NOT_SET:
      return;
  }
}

}  // namespace

bool Holds(const pb::Condition& condition, const Spoken& spoken) {
  const auto holds = [&](const pb::Condition& part) { return Holds(part, spoken); };
  switch (condition.condition_case()) {
    case pb::Condition::kAnswer: {
      const auto said = spoken.find(condition.answer().question_id());
      return said != spoken.end() && Passes(condition.answer(), said->second);
    }
    case pb::Condition::kAll:
      return std::all_of(condition.all().conditions().begin(), condition.all().conditions().end(),
                         holds);
    case pb::Condition::kAny:
      return std::any_of(condition.any().conditions().begin(), condition.any().conditions().end(),
                         holds);
    case pb::Condition::kNegation:
      return !holds(condition.negation());
    case pb::Condition::CONDITION_NOT_SET:
      return false;
  }
  return false;
}

std::vector<Outcome> OutcomesOf(const pb::Script& script, const Spoken& spoken) {
  Found found;
  FindRequests(script, spoken, found);
  for (const pb::TriageRule& rule : script.rules()) {
    if (Holds(rule.condition(), spoken)) Apply(rule, found);
  }
  if (found.size() > 1) found.erase({pb::FINDING_KIND_ALL_WELL, common::v1::NEED_UNSPECIFIED});
  std::vector<Outcome> outcomes;
  for (const auto& [what, urgency] : found) outcomes.push_back({what.first, what.second, urgency});
  return outcomes;
}

}  // namespace veille::veillectl
