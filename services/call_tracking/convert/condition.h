#pragma once

#include <string>

#include "call_tracking/domain/script.h"
#include "common/status/errors.h"
#include "veille/calls/v1/script.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

// A condition of a script, with the violations of its fields noted below `field`.
Condition ReadCondition(const std::string& field, const pb::Condition& proto,
                        errors::Violations& violations);

pb::Condition ToProto(const Condition& condition);

// The identifiers of a script: lower-case letters, digits and _, 1 to 64 characters.
std::string ReadScriptName(const std::string& field, const std::string& name,
                           errors::Violations& violations);

}  // namespace veille::call_tracking
