#pragma once

// The signatures that are taken. Which one a token must bear follows from the key that checks it.

#include <string_view>

namespace veille::tokens {

enum class Algorithm {
  kEs256,  // ECDSA on P-256 with SHA-256
  kEdDsa,  // Ed25519
  kRs256,  // RSA, PKCS #1 v1.5, with SHA-256; 2048 bits at least
};

// As it stands in a token's header: "ES256", "EdDSA", "RS256".
constexpr std::string_view NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return "ES256";
    case Algorithm::kEdDsa:
      return "EdDSA";
    case Algorithm::kRs256:
      return "RS256";
  }
  return "";
}

}  // namespace veille::tokens
