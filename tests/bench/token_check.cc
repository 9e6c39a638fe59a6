// How long the check of an access token takes, for each algorithm: of a token that was not seen
// before, of one that was, and of one with a bad signature. One thread; microseconds per check.
//
//   build/release/tests/bin/token_check [TOKENS]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "common/tokens/minting.h"
#include "common/tokens/verifier.h"

namespace {

using namespace veille::tokens;  // NOLINT: the library is the subject

constexpr char kIssuer[] = "https://login.example/realms/veille";
constexpr int kRounds = 20;  // over the tokens that were seen

struct Cost {
  double median;
  double slowest_in_hundred;
};

Cost Measure(Verifier& verifier, const std::vector<std::string>& tokens, int rounds, bool good) {
  std::vector<double> took;
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& token : tokens) {
      const absl::Time begin = absl::Now();
      const bool ok = verifier.Verify(token, begin).ok();
      took.push_back(absl::ToDoubleMicroseconds(absl::Now() - begin));
      if (ok != good) std::abort();
    }
  }
  std::sort(took.begin(), took.end());
  return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

std::vector<std::string> Tokens(const SigningKey& key, int count) {
  MintedClaims claims;
  claims.issuer = kIssuer;
  claims.audience = "veille";
  claims.roles = {"volunteer"};
  claims.landlord = "0190a5b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b";
  claims.issued = absl::Now();
  claims.lifetime = absl::Hours(1);
  std::vector<std::string> tokens;
  for (int i = 0; i < count; ++i) {
    claims.subject = "volunteer-" + std::to_string(i);
    tokens.push_back(Mint(key, claims).value());
  }
  return tokens;
}

// With the signature of the token before.
std::vector<std::string> Forged(const std::vector<std::string>& tokens) {
  std::vector<std::string> forged;
  for (size_t i = 1; i < tokens.size(); ++i) {
    forged.push_back(tokens[i].substr(0, tokens[i].rfind('.')) +
                     tokens[i - 1].substr(tokens[i - 1].rfind('.')));
  }
  return forged;
}

void Report(Algorithm algorithm, int count) {
  const SigningKey key = SigningKey::Generate(algorithm).value();
  Issuer issuer;
  issuer.name = kIssuer;
  issuer.audience = "veille";
  issuer.keys = "keys";
  VerifierOptions options;
  options.fetcher = [&key](const std::string&, std::stop_token) { return PublicJwks({key}); };
  const veille::time::SystemClock clock;
  const auto verifier = Verifier::Start({issuer}, clock, options).value();
  const auto tokens = Tokens(key, count);
  const Cost unseen = Measure(*verifier, tokens, 1, true);
  const Cost seen = Measure(*verifier, tokens, kRounds, true);
  const Cost forged = Measure(*verifier, Forged(tokens), 1, false);
  std::printf("%-9s  %5zu  %8.1f %8.1f  %8.2f %8.2f  %8.1f %8.1f\n", NameOf(algorithm).data(),
              tokens[0].size(), unseen.median, unseen.slowest_in_hundred, seen.median,
              seen.slowest_in_hundred, forged.median, forged.slowest_in_hundred);
}

}  // namespace

int main(int argc, char** argv) {
  veille::log::Start("token_check", veille::log::Level::kError);
  const int count = argc > 1 ? std::max(2, std::atoi(argv[1])) : 5000;
  std::printf(
      "algorithm  bytes  not seen: median, p99   seen: median, p99   forged: median, p99\n");
  for (const auto each : {Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256}) {
    Report(each, count);
  }
  return 0;
}
