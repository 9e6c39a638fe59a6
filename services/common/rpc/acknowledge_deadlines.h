#pragma once

// How long partners have to accept a referral, between the contracts of two services and both of
// them.

#include <optional>
#include <string_view>

#include "common/status/errors.h"
#include "common/time/acknowledge_deadlines.h"
#include "veille/common/v1/acknowledge_deadlines.pb.h"

namespace veille::rpc {

// Nothing when the message is absent; a deadline that it leaves out is the usual one. Violations
// are named as fields of `field`.
std::optional<time::AcknowledgeDeadlines> ReadAcknowledgeDeadlines(
    std::string_view field, bool present, const veille::common::v1::AcknowledgeDeadlines& proto,
    errors::Violations& violations);

veille::common::v1::AcknowledgeDeadlines ToProto(const time::AcknowledgeDeadlines& deadlines);

}  // namespace veille::rpc
