#include "common/config/limit_options.h"

#include "CLI/CLI.hpp"

namespace veille::config {
namespace {

constexpr int kFastest = 1'000'000;

limits::Rate WithBurst(int per_second, int seconds) {
  return {.per_second = per_second, .burst = per_second * seconds};
}

}  // namespace

limits::Options LimitOptions::ToOptions() const {
  return {.calls = {.person = WithBurst(person_calls, 4), .partner = WithBurst(partner_calls, 4)},
          .tokens = {.refused_per_address = WithBurst(refused_tokens, 20),
                     .all = WithBurst(token_checks, 5)}};
}

void DeclareLimits(CLI::App& app, LimitOptions& options) {
  const auto rate = [&app](const std::string& flag, int& value, const std::string& about) {
    app.add_option(flag, value, about + "; 0: no limit")
        ->type_name("RATE")
        ->check(CLI::Range(0, kFastest))
        ->capture_default_str();
  };
  rate("--person-calls-per-second", options.person_calls,
       "calls of one person, and four seconds' worth at once");
  rate("--partner-calls-per-second", options.partner_calls,
       "calls of one partner, and four seconds' worth at once");
  rate("--token-checks-per-second", options.token_checks,
       "tokens not seen before that are checked, and five seconds' worth at once");
  rate("--refused-tokens-per-second", options.refused_tokens,
       "refused tokens of one address, and twenty seconds' worth at once");
}

}  // namespace veille::config
