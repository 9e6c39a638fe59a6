#pragma once

// One public key of a provider (RFC 7517, 7518, 8037).

#include <openssl/evp.h>

#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "absl/status/statusor.h"
#include "common/tokens/algorithm.h"

namespace veille::tokens {

inline constexpr size_t kLongestKid = 200;

struct VerificationKey {
  std::string kid;
  Algorithm algorithm;
  std::shared_ptr<EVP_PKEY> key;  // never changed, so that any thread may use it
  std::string material;           // equal for equal keys
};

// The key. UNIMPLEMENTED when it is for something else (another kind, use or algorithm, no `kid`).
// INVALID_ARGUMENT when it must not be there at all: a private or a symmetric key, an RSA key that
// is too short, numbers that are no key. Messages show nothing of the key.
absl::StatusOr<VerificationKey> ReadJwk(const nlohmann::json& jwk);

}  // namespace veille::tokens
