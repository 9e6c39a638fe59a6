#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/script.h"
#include "call_tracking/domain/script_check.h"
#include "common/ids/uuid.h"
#include "common/rpc/paging.h"
#include "common/status/errors.h"
#include "veille/calls/v1/script_service.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

struct ScriptPublication {
  ids::RequestId request;
  Script script;  // with a nil id when it is new
};
absl::StatusOr<ScriptPublication> FromProto(const pb::PublishScriptRequest& request);

struct ScriptLookup {
  ScriptId id;
  int version = 0;  // 0: the newest
};
absl::StatusOr<ScriptLookup> FromProto(const pb::GetScriptRequest& request);

absl::StatusOr<rpc::Page> FromProto(const pb::ListScriptsRequest& request);

// The faults of a script as places in a request.
errors::Violations ToViolations(const std::vector<ScriptFault>& faults);

// One script of a request, with the violations of its fields noted below `field`.
Script ReadScript(const std::string& field, const pb::Script& proto,
                  errors::Violations& violations);

pb::Script ToProto(const Script& script);

// The stored form, without id, version and time; and back. INTERNAL when it does not read.
std::string ToBody(const Script& script);
absl::StatusOr<Script> FromBody(const std::string& body);

}  // namespace veille::call_tracking
