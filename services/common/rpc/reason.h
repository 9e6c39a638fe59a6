#pragma once

// Why somebody looks at personal data outside their own work ("break the glass"), as it travels
// beside a call. Which calls need it stands in the contract (Access.reason_from).

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace veille::rpc {

// The metadata key. The value is percent-encoded UTF-8 (RFC 3986).
inline constexpr std::string_view kReasonKey = "veille-reason";

inline constexpr int kShortestReason = 10;  // characters
inline constexpr int kLongestReason = 500;

// The reason, without the spaces around it. FAILED_PRECONDITION (REASON_REQUIRED), naming the key
// and the way out, when the value is empty, is no percent-encoded UTF-8, holds control characters
// or is too short or too long.
absl::StatusOr<std::string> ReadReason(std::string_view value);

// What a client sends.
std::string EncodeReason(std::string_view reason);

}  // namespace veille::rpc
