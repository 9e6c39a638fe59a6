#pragma once

// What each household of a campaign will say, written down before anybody calls it: whether it
// answers at an attempt, how the attempt ends, what each subject answers and agrees to, and what
// must come of it.
//
// It depends on the seed, the household's key in the register (callees.h), the number of the
// attempt and the campaign's settings, and on nothing else: not on ids, clocks or who calls first.
// So two runs with the same seed and register have the same ledger, byte by byte. It holds no name
// and no number of anybody.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/calls/v1/call.pb.h"
#include "veille/calls/v1/campaign.pb.h"
#include "veillectl/simulation/callees.h"
#include "veillectl/simulation/conversations.h"

namespace veille::veillectl {

struct SimulationSettings {
  uint64_t seed = 0;
  double answer_rate = 0;  // how probable it is that somebody answers an attempt
  google::protobuf::RepeatedPtrField<calls::v1::RetryRule> retry_rules;
};

// What one subject says in one call. Their tenant ids are empty: who it is stands beside them.
struct Speech {
  int tenant = 0;  // position in the household, from 1
  std::vector<calls::v1::Answer> answers;
  std::vector<calls::v1::Agreement> agreements;
  std::vector<calls::v1::RaisedFinding> raised;
};

struct ForeseenAttempt {
  calls::v1::Disposition disposition = calls::v1::DISPOSITION_UNSPECIFIED;
  std::vector<Speech> speeches;  // empty unless somebody could be asked
};

// What must be found about a subject, besides that all is well.
struct ForeseenFinding {
  int tenant = 0;
  Outcome outcome;
  bool agreed = false;  // to share the need, or to be called every week

  friend auto operator<=>(const ForeseenFinding&, const ForeseenFinding&) = default;
};

struct ForeseenHousehold {
  std::string key;
  std::vector<ForeseenAttempt> attempts;  // all that are made, the first first
  bool reached = false;
  bool completed = false;
  bool refused = false;
  std::vector<ForeseenFinding> findings;

  bool called_weekly() const;
  bool needs_decision() const;  // somebody did not agree
};

struct Ledger {
  uint64_t seed = 0;
  double answer_rate = 0;
  std::vector<ForeseenHousehold> households;  // by key
};

// What one household says. Pure.
ForeseenHousehold Foresee(const Callee& callee, const SimulationSettings& settings,
                          Conversations& conversations);

// What all of them say, in the order of the callees.
Ledger ForeseeAll(const std::vector<Callee>& callees, const SimulationSettings& settings,
                  Conversations& conversations);

// JSON, one object per line: the settings, then a household per line.
std::string WriteLedger(const Ledger& ledger);
// As a file that only its owner reads. One that says the same may be there already, from a run that
// was cut short; another one is left alone.
absl::Status StoreLedger(const Ledger& ledger, const std::string& path);
// Fails on anything that WriteLedger does not write. What was said is not read back: what was
// foreseen is.
absl::StatusOr<Ledger> ReadLedger(const std::string& text);

}  // namespace veille::veillectl
