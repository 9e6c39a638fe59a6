#pragma once

// How many calls one identity may make: a token bucket for each person, and one for each partner,
// whose machine speaks for many. Services are not held back here: what they may have in flight is
// bounded.
//
// Threads: any. Cost: one look at the clock, one hash, one lock among 64: 0.1 µs a call,
// 0.2 µs where two processors contend (tests/bench/limits_cost.cc). Ownership: made by
// main, outlives the server.

#include "absl/status/status.h"
#include "common/access/caller.h"
#include "common/limits/buckets.h"
#include "common/telemetry/metrics.h"
#include "common/time/monotonic_clock.h"

namespace veille::limits {

struct CallRateOptions {
  Rate person{.per_second = 50, .burst = 200};
  Rate partner{.per_second = 50, .burst = 200};
};

class CallRates {
 public:
  CallRates(const CallRateOptions& options, const time::MonotonicClock& clock)
      : clock_(clock), people_(options.person), partners_(options.partner) {}

  // OK, or RESOURCE_EXHAUSTED (RATE_LIMITED) with RetryInfo: when this caller's next call is
  // allowed.
  absl::Status Admit(const access::Caller& caller);

  void Expose(metrics::Scrape& scrape) const;

 private:
  const time::MonotonicClock& clock_;
  Buckets people_;
  Buckets partners_;
  metrics::Counter people_limited_;
  metrics::Counter partners_limited_;
};

}  // namespace veille::limits
