#pragma once

// Tokens that were found good, by their SHA-256, so that a token is checked in full only once. The
// least recently used makes room. Threads: any.

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/tokens/grant.h"
#include "common/tokens/jwk.h"

namespace veille::tokens {

class KeyStore;

using TokenDigest = std::array<uint8_t, SHA256_DIGEST_LENGTH>;
TokenDigest DigestOf(std::string_view token);

struct VerifiedToken {
  Grant grant;
  std::shared_ptr<const VerificationKey> key;
  const KeyStore* keys;  // where the key must still be
  absl::Time until;
};

class VerifiedTokens {
 public:
  explicit VerifiedTokens(size_t capacity) : capacity_(capacity) {}

  // Nullptr when there is none. Whether it still counts is for the caller to see.
  std::shared_ptr<const VerifiedToken> Find(const TokenDigest& digest);
  void Put(const TokenDigest& digest, VerifiedToken token);
  void Drop(const TokenDigest& digest);
  size_t size() const;

 private:
  using Entry = std::pair<TokenDigest, std::shared_ptr<const VerifiedToken>>;

  const size_t capacity_;
  mutable absl::Mutex mutex_;
  std::list<Entry> recent_ ABSL_GUARDED_BY(mutex_);  // the most recently used first
  absl::flat_hash_map<TokenDigest, std::list<Entry>::iterator> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::tokens
