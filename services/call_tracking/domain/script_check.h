#pragma once

// Whether a script makes sense: nothing is named that does not exist, nothing is asked or concluded
// under a condition that can never hold, no rule is always outdone by others, every agreement that
// must be asked for has its words, and every text is there in every language.

#include <string>
#include <vector>

#include "call_tracking/domain/script.h"

namespace veille::call_tracking {

struct ScriptFault {
  std::string place;  // the path in the contract: "rules[2].condition.answer.question_id"
  std::string fault;  // what is wrong, without the script's own words
};

// All of them; none when the script makes sense. A question's condition may only look at questions
// before it, so that there is no cycle.
std::vector<ScriptFault> CheckScript(const Script& script);

}  // namespace veille::call_tracking
