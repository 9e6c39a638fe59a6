#pragma once

// Makes access tokens (RFC 9068) for development and for tests: what a provider of identities does.
// No service links this; it is the target common_tokens_minting.
//
// Threads: a SigningKey may be used by several at once. Errors: INVALID_ARGUMENT with a sentence
// that never shows a key.

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/tokens/algorithm.h"

namespace veille::tokens {

// A private key with its key id. An empty key id stands for the key's thumbprint (RFC 7638), so
// that who reads the key again from its file finds the same id.
class SigningKey {
 public:
  // ES256: P-256; EdDSA: Ed25519; RS256: 2048 bits.
  static absl::StatusOr<SigningKey> Generate(Algorithm algorithm, std::string kid = "");

  // An unencrypted private key in PEM: P-256, Ed25519, or RSA of 2048 bits or more.
  static absl::StatusOr<SigningKey> FromPem(std::string_view pem, std::string kid = "");

  Algorithm algorithm() const { return algorithm_; }
  const std::string& kid() const { return kid_; }

  // PKCS #8, unencrypted: for a file of mode 0600.
  absl::StatusOr<std::string> ToPem() const;

  // The public half as a JWK (RFC 7517), in JSON.
  const std::string& PublicJwk() const { return public_jwk_; }

  // The signature as a token carries it, before base64url: r and s of 32 bytes each with the lesser
  // s for ES256, 64 bytes for EdDSA, as long as the modulus for RS256.
  absl::StatusOr<std::string> Sign(std::string_view text) const;

 private:
  SigningKey(std::shared_ptr<EVP_PKEY> key, Algorithm algorithm);
  static absl::StatusOr<SigningKey> Of(std::shared_ptr<EVP_PKEY> key, std::string kid);

  std::shared_ptr<EVP_PKEY> key_;
  Algorithm algorithm_;
  std::string kid_;
  std::string public_jwk_;
};

// The public halves as a JWK set: the text of a file that `keys` in issuers.json names.
std::string PublicJwks(const std::vector<SigningKey>& keys);

// With the names of claims that an issuer has by default (issuers.h).
struct MintedClaims {
  std::string issuer;              // iss
  std::string audience;            // aud
  std::string subject;             // sub: the person
  std::vector<std::string> roles;  // veille_roles: "volunteer", "coordinator", …
  std::string landlord;            // veille_landlord; left out when empty
  std::string partner;             // veille_partner; left out when empty
  absl::Time issued;               // iat, in whole seconds
  absl::Duration lifetime;         // exp is so much later
};

// The token, signed. It is a secret until it expires: print it, never log it.
absl::StatusOr<std::string> Mint(const SigningKey& key, const MintedClaims& claims);

// A token with this header and these claims, whatever they are, in JSON.
absl::StatusOr<std::string> MintText(const SigningKey& key, std::string_view header,
                                     std::string_view claims);

}  // namespace veille::tokens
