#pragma once

// How many access tokens that were not seen before are checked in full. A check costs 28 to 114 µs
// of computing, whoever sent the token, so a stream of forged ones could eat the machine.
//
//  * Of each address: tokens that are refused. A good one costs its address nothing, so that a
//    building full of volunteers signs in at once, and so does everybody after a restart.
//  * Of all addresses together: checks, good or not. This bounds what they cost.
//
// The address of a call that came through the edge is its client's, which the edge names.
//
//   ASSIGN_OR_RETURN(TokenChecks::Charge charge, checks.Begin(address));
//   const auto grant = verifier.Verify(token, now);
//   if (grant.ok()) charge.GiveBack();
//
// Threads: any. Cost: 0.2 to 0.3 µs a check (tests/bench/limits_cost.cc). Ownership: made by main,
// outlives the server.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/limits/buckets.h"
#include "common/telemetry/metrics.h"
#include "common/time/monotonic_clock.h"

namespace veille::limits {

struct TokenCheckOptions {
  Rate refused_per_address{.per_second = 10, .burst = 200};
  Rate all{.per_second = 2'000, .burst = 10'000};
};

class TokenChecks {
 public:
  TokenChecks(const TokenCheckOptions& options, const time::MonotonicClock& clock)
      : clock_(clock), addresses_(options.refused_per_address), all_(options.all) {}

  // What a check costs its address, unless it is given back.
  class Charge {
   public:
    Charge(Buckets& addresses, uint64_t key) : addresses_(&addresses), key_(key) {}
    void GiveBack() { addresses_->GiveBack(key_); }

   private:
    Buckets* addresses_;
    uint64_t key_;
  };

  // RESOURCE_EXHAUSTED (RATE_LIMITED) with RetryInfo when the token is not to be checked now.
  absl::StatusOr<Charge> Begin(std::string_view address);

  void Expose(metrics::Scrape& scrape) const;

 private:
  std::chrono::nanoseconds TakeOfAll(std::chrono::nanoseconds now);

  const time::MonotonicClock& clock_;
  Buckets addresses_;
  const Bucket all_;
  std::atomic<int64_t> all_full_{0};  // nanoseconds
  metrics::Counter address_limited_;
  metrics::Counter all_limited_;
};

}  // namespace veille::limits
