#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/convert/script.h"
#include "call_tracking/domain/script_trial.h"
#include "veille/calls/v1/script_service.pb.h"

namespace veille::call_tracking {

struct ScriptTest {
  std::optional<Script> script;  // absent: the published one
  ScriptLookup published;
  std::vector<ScriptCase> cases;
};
absl::StatusOr<ScriptTest> FromProto(const pb::TestScriptRequest& request);

pb::TestCaseResult ToProto(const ScriptCaseResult& result);

}  // namespace veille::call_tracking
