#pragma once

// What can be said in the course of a script so that it ends in given findings: "nothing left to
// eat" for MEALS, and the other answers such that nothing else is found.
//
// Any script will do. The answers are searched for, the same ones for the same script every time.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "veille/calls/v1/script.pb.h"
#include "veillectl/simulation/dice.h"
#include "veillectl/simulation/interview.h"

namespace veille::veillectl {

class Conversations {
 public:
  // What is to be found: kinds and needs; their urgency is left to the answers, but an EMERGENCY is
  // never among them.
  using Ending = std::vector<std::pair<calls::v1::FindingKind, common::v1::Need>>;  // sorted

  explicit Conversations(calls::v1::Script script);

  // Answers to every question that is asked, with exactly this ending; they vary with the dice. No
  // answer at all when the script has no such ending.
  Spoken Find(const Ending& ending, const Dice& dice);

  // Whether the script has it.
  bool Has(const Ending& ending) { return !WaysTo(ending).empty(); }

  const calls::v1::Script& script() const { return script_; }

 private:
  using Choices = std::vector<size_t>;  // per question, which of its candidates

  const std::vector<Choices>& WaysTo(const Ending& ending);
  bool Search(const Ending& ending, const Dice& dice, Choices& choices) const;
  bool Improve(const Ending& ending, const Dice& dice, const std::string& sweep, Choices& choices,
               int& distance) const;
  int DistanceTo(const Ending& ending, const Choices& choices) const;
  // The candidates of the questions that are asked, the answers before them being what they are.
  Spoken Say(const Choices& choices) const;

  const calls::v1::Script script_;
  std::vector<std::vector<SpokenValue>> candidates_;  // per question; empty: it stays unanswered
  std::map<Ending, std::vector<Choices>> ways_;
};

}  // namespace veille::veillectl
