#pragma once

// Whether any answers at all can make a condition hold, given when questions are asked.

#include <vector>

#include "call_tracking/domain/script.h"

namespace veille::call_tracking {

// False when no answers can. Every question that the condition names exists, and conditions of
// questions look at earlier questions only. A condition too large to search counts as possible.
bool CanHold(const Script& script, const Condition& condition);

// Whether the condition can hold while none of the others does.
bool CanHoldAlone(const Script& script, const Condition& condition,
                  const std::vector<const Condition*>& others);

}  // namespace veille::call_tracking
