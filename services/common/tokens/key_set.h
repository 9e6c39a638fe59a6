#pragma once

// The keys of one provider at one time, by key id. Any thread may read it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/tokens/jwk.h"

namespace veille::tokens {

class KeySet {
 public:
  // Reads a JWK set. Keys that cannot be used are left out, each with the reason (jwk.h) and its
  // place in `left_out`; so are all that share a key id. INVALID_ARGUMENT when it is no key set,
  // and when no key remains.
  struct LeftOut {
    size_t place;  // from 0 on
    absl::Status why;
  };
  static absl::StatusOr<KeySet> Parse(std::string_view text,
                                      std::vector<LeftOut>* left_out = nullptr);

  // Takes the keys that `before` has too from there, so that they can be told by their address.
  void KeepFrom(const KeySet& before);

  // Nullptr when there is none.
  std::shared_ptr<const VerificationKey> Find(std::string_view kid) const;
  size_t size() const { return keys_.size(); }

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<const VerificationKey>> keys_;
};

}  // namespace veille::tokens
