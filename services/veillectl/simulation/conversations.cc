#include "veillectl/simulation/conversations.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace veille::veillectl {
namespace {

constexpr int kWays = 6;         // different conversations with the same ending
constexpr int kStarts = 60;      // of the search for each
constexpr int kSweeps = 12;      // over all questions, from one start
constexpr double kVaried = 0.3;  // how often an answer is varied
constexpr int kEmergency = 10;   // how far away an emergency is from every ending

// Numbers on both sides of each bound that a condition names.
void AddBounds(const calls::v1::Condition& condition, const std::string& question,
               std::set<int64_t>& numbers) {
  if (condition.has_answer() && condition.answer().question_id() == question) {
    const calls::v1::AnswerTest& test = condition.answer();
    if (test.has_at_least()) numbers.insert({test.at_least() - 1, test.at_least()});
    if (test.has_at_most()) numbers.insert({test.at_most(), test.at_most() + 1});
  }
  for (const calls::v1::Condition& part : condition.all().conditions())
    AddBounds(part, question, numbers);
  for (const calls::v1::Condition& part : condition.any().conditions())
    AddBounds(part, question, numbers);
  if (condition.has_negation()) AddBounds(condition.negation(), question, numbers);
}

std::vector<SpokenValue> Numbers(const calls::v1::Script& script, const std::string& question) {
  std::set<int64_t> numbers;
  for (const calls::v1::Question& other : script.questions()) {
    AddBounds(other.asked_if(), question, numbers);
  }
  for (const calls::v1::TriageRule& rule : script.rules())
    AddBounds(rule.condition(), question, numbers);
  if (numbers.empty()) numbers = {1, 2, 3};
  return {numbers.begin(), numbers.end()};
}

// Texts stay unsaid: nobody reads them here.
std::vector<SpokenValue> CandidatesOf(const calls::v1::Script& script,
                                      const calls::v1::Question& question) {
  switch (question.type()) {
    case calls::v1::QUESTION_TYPE_BOOLEAN:
      return {true, false};
    case calls::v1::QUESTION_TYPE_CHOICE: {
      std::vector<SpokenValue> ids;
      for (const calls::v1::Choice& choice : question.choices())
        ids.emplace_back(choice.choice_id());
      return ids;
    }
    case calls::v1::QUESTION_TYPE_NUMBER:
      return Numbers(script, question.question_id());
    default:
      return {};
  }
}

}  // namespace

Conversations::Conversations(calls::v1::Script script) : script_(std::move(script)) {
  for (const calls::v1::Question& question : script_.questions()) {
    candidates_.push_back(CandidatesOf(script_, question));
  }
}

Spoken Conversations::Say(const Choices& choices) const {
  Spoken spoken;
  for (int i = 0; i < script_.questions_size(); ++i) {
    const calls::v1::Question& question = script_.questions(i);
    const std::vector<SpokenValue>& candidates = candidates_[static_cast<size_t>(i)];
    const bool asked = !question.has_asked_if() || Holds(question.asked_if(), spoken);
    if (!asked || candidates.empty()) continue;
    spoken[question.question_id()] = candidates[choices[static_cast<size_t>(i)]];
  }
  return spoken;
}

int Conversations::DistanceTo(const Ending& ending, const Choices& choices) const {
  int distance = static_cast<int>(ending.size());
  for (const Outcome& outcome : OutcomesOf(script_, Say(choices))) {
    const bool wanted =
        std::binary_search(ending.begin(), ending.end(), std::pair(outcome.kind, outcome.need));
    distance += wanted ? -1 : 1;
    if (outcome.urgency == common::v1::URGENCY_EMERGENCY) distance += kEmergency;
  }
  return distance;
}

// One sweep over the questions, each answered in the way that brings the ending nearest; of equals
// the dice choose, so that a plateau is left.
bool Conversations::Improve(const Ending& ending, const Dice& dice, const std::string& sweep,
                            Choices& choices, int& distance) const {
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (candidates_[i].size() < 2) continue;
    const size_t first = dice.Pick(absl::StrCat(sweep, ".", i), candidates_[i].size());
    const size_t was = choices[i];
    size_t best = was;
    for (size_t step = 0; step < candidates_[i].size(); ++step) {
      choices[i] = (first + step) % candidates_[i].size();
      const int candidate = DistanceTo(ending, choices);
      if (candidate < distance || (candidate == distance && best == was)) {
        best = choices[i];
        distance = candidate;
      }
    }
    choices[i] = best;
    if (distance == 0) return true;
  }
  return false;
}

bool Conversations::Search(const Ending& ending, const Dice& dice, Choices& choices) const {
  choices.assign(candidates_.size(), 0);
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (!candidates_[i].empty()) {
      choices[i] = dice.Pick(absl::StrCat("start.", i), candidates_[i].size());
    }
  }
  int distance = DistanceTo(ending, choices);
  for (int sweep = 0; sweep < kSweeps && distance > 0; ++sweep) {
    Improve(ending, dice, absl::StrCat("sweep.", sweep), choices, distance);
  }
  return distance == 0;
}

const std::vector<Conversations::Choices>& Conversations::WaysTo(const Ending& ending) {
  const auto known = ways_.find(ending);
  if (known != ways_.end()) return known->second;
  std::vector<Choices>& ways = ways_[ending];
  Choices choices;
  for (int start = 0; start < kStarts && static_cast<int>(ways.size()) < kWays; ++start) {
    if (Search(ending, Dice(0, absl::StrCat("conversation ", start)), choices)) {
      ways.push_back(choices);
    }
  }
  return ways;
}

Spoken Conversations::Find(const Ending& ending, const Dice& dice) {
  const std::vector<Choices>& ways = WaysTo(ending);
  if (ways.empty()) return {};
  Choices choices = ways[dice.Pick("way", ways.size())];
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const std::string what = absl::StrCat("vary.", i);
    if (candidates_[i].size() < 2 || !dice.Hits(what, kVaried)) continue;
    const size_t was = choices[i];
    choices[i] = dice.Pick(absl::StrCat(what, ".to"), candidates_[i].size());
    if (DistanceTo(ending, choices) != 0) choices[i] = was;
  }
  return Say(choices);
}

}  // namespace veille::veillectl
