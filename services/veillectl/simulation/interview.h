#pragma once

// What somebody answers to a script, and what follows from it by the words of the contract
// (veille/calls/v1/script.proto). This is a second reading of those words, on purpose: what the
// service's own triage finds is compared with it.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "veille/calls/v1/script.pb.h"

namespace veille::veillectl {

// By question; of the question's type (choices and texts are strings).
using SpokenValue = std::variant<bool, int64_t, std::string>;
using Spoken = std::map<std::string, SpokenValue>;

bool Holds(const calls::v1::Condition& condition, const Spoken& spoken);

// Something that is found about one person.
struct Outcome {
  calls::v1::FindingKind kind = calls::v1::FINDING_KIND_UNSPECIFIED;
  common::v1::Need need = common::v1::NEED_UNSPECIFIED;
  common::v1::Urgency urgency = common::v1::URGENCY_UNSPECIFIED;

  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

// What the answers reveal: ALL_WELL stands only alone, and of one need only the most urgent. By
// kind and need.
std::vector<Outcome> OutcomesOf(const calls::v1::Script& script, const Spoken& spoken);

}  // namespace veille::veillectl
