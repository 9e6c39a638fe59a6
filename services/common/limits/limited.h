#pragma once

// What all limits of this folder have in common.

#include <chrono>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "common/telemetry/metrics.h"

namespace veille::limits {

inline constexpr metrics::Family kLimited{
    "veille_calls_limited_total", "Calls that a rate limit refused, by whose limit it was."};

inline absl::Status RateLimited(std::string_view message, std::chrono::nanoseconds wait) {
  return errors::WithRetry(errors::Make(absl::StatusCode::kResourceExhausted,
                                        common::v1::ERROR_REASON_RATE_LIMITED, message),
                           absl::FromChrono(wait));
}

}  // namespace veille::limits
