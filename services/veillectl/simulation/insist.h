#pragma once

// A call that is repeated, the same request each time, until the service answers for good or ill:
// services may go away and come back meanwhile.

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "veillectl/client/connection.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {

// Gives up at `until`, with the last error.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Insist(const Connection& connection,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, absl::Time until) {
  constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
  constexpr absl::Duration kLongestPause = absl::Seconds(1);
  absl::Duration pause = kShortestPause;
  while (true) {
    absl::StatusOr<Response> response = connection.Call(method, request);
    if (response.ok() || !WorthRepeating(response.status()) || absl::Now() >= until) {
      return response;
    }
    connection.WaitUntilReachable(kLongestPause);
    absl::SleepFor(std::min(RetryDelayOf(response.status()).value_or(pause), kLongestPause));
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace veille::veillectl
