#pragma once

// The rate limits of one server.

#include "common/limits/call_rates.h"
#include "common/limits/token_checks.h"

namespace veille::limits {

struct Options {
  CallRateOptions calls = {};
  TokenCheckOptions tokens = {};
};

// Made by main, outlives the server.
struct Limits {
  Limits(const Options& options, const time::MonotonicClock& clock)
      : calls(options.calls, clock), tokens(options.tokens, clock) {}

  void Expose(metrics::Scrape& scrape) const {
    calls.Expose(scrape);
    tokens.Expose(scrape);
  }

  CallRates calls;
  TokenChecks tokens;
};

}  // namespace veille::limits
