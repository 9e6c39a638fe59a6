#pragma once

// How many calls a service takes from one caller, as rates: what four seconds allow may come at
// once.

#include "common/limits/limits.h"

namespace CLI {
class App;
}

namespace veille::config {

struct LimitOptions {
  // Calls a second; 0: no limit. A volunteer makes some in a minute, a page of lists ten a second.
  int person_calls = 50;
  int partner_calls = 50;
  // Of access tokens that were not seen before: 10,000 volunteers sign in within five seconds.
  int token_checks = 2'000;
  int refused_tokens = 10;

  limits::Options ToOptions() const;
};

void DeclareLimits(CLI::App& app, LimitOptions& options);

}  // namespace veille::config
