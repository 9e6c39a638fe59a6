#pragma once

// Trying a script on invented answers.

#include <string>
#include <vector>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/script.h"
#include "call_tracking/domain/script_check.h"

namespace veille::call_tracking {

struct ExpectedFinding {
  FindingKind kind = FindingKind::kNeed;
  Need need = Need::kNone;           // of kNeed
  Urgency urgency = Urgency::kNone;  // of kNeed
};

struct ScriptCase {
  std::string name;
  std::vector<Answer> answers;  // all of one invented subject
  std::vector<ExpectedFinding> expected;
};

struct ScriptCaseResult {
  std::string name;
  std::vector<Finding> found;
  std::vector<LocalizedTexts> why;  // of each that was found
  std::string difference;           // empty when exactly the expected was found
};

// Whether the answers of the cases are answers to questions that the script asks then; places are
// paths in the request: "cases[1].answers[0].question_id".
std::vector<ScriptFault> CheckCases(const Script& script, const std::vector<ScriptCase>& cases);

ScriptCaseResult Try(const Script& script, const ScriptCase& tried);

}  // namespace veille::call_tracking
