#pragma once

// Decides whether an access token of a person or a partner is good, and what it proves (RFC 9068,
// with the advice of RFC 8725): a provider that is known signed it for us, with a key that the
// provider publishes now, and its time has come and not passed.
//
// The algorithm follows from the key, never from the token. A token that was found good is
// remembered until it expires or its key goes; so is nothing about those that were not.
//
// Threads: any. Verify neither blocks nor fetches: a few µs for a token seen before, about as long
// as its signature takes to check otherwise. Memory: 10,000 tokens' grants.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "common/tokens/fetch.h"
#include "common/tokens/grant.h"
#include "common/tokens/issuers.h"
#include "common/tokens/key_store.h"
#include "common/tokens/refusal.h"
#include "common/tokens/token_text.h"
#include "common/tokens/verified_tokens.h"

namespace veille::tokens {

struct VerifierOptions {
  FetchOptions fetch;
  KeyStore::Fetch fetcher;  // instead of FetchKeys
  size_t most_remembered = 10'000;
};

class Verifier {
 public:
  // Reads keys from files at once, and fetches the others in the background: until they are there,
  // their tokens are UNAVAILABLE. INVALID_ARGUMENT when a file holds no keys, one of authorities
  // cannot be read, or an address is not one to fetch from. `clock` paces the fetches.
  static absl::StatusOr<std::unique_ptr<Verifier>> Start(std::vector<Issuer> issuers,
                                                         const time::Clock& clock,
                                                         VerifierOptions options = {});

  // UNAUTHENTICATED in one and the same sentence for all that is wrong with a token; which it was
  // is in the log, with the name of its issuer if that is a known one, and nothing else of the
  // token. UNAVAILABLE with RetryInfo while the key that it names may yet come.
  absl::StatusOr<Grant> Verify(std::string_view token, absl::Time now);

  // What a token proves that was found good before and still is; nothing for all others, whose
  // check costs something.
  std::optional<Grant> Recall(std::string_view token, absl::Time now);

  size_t remembered() const { return verified_.size(); }

 private:
  struct Provider {
    Issuer issuer;
    std::unique_ptr<KeyStore> keys;
  };

  Verifier(const VerifierOptions& options) : verified_(options.most_remembered) {}
  absl::Status Add(Issuer issuer, const time::Clock& clock, const VerifierOptions& options);
  std::shared_ptr<const VerifiedToken> FindVerified(const TokenDigest& digest, absl::Time now);
  Provider* ProviderOf(const TokenText& parts);
  absl::StatusOr<Grant> Examine(std::string_view token, const TokenDigest& digest, absl::Time now);

  absl::flat_hash_map<std::string, Provider> providers_;  // by issuer; does not change
  VerifiedTokens verified_;
};

}  // namespace veille::tokens
