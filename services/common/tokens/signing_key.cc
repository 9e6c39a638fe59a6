#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/status/macros.h"
#include "common/tokens/base64url.h"
#include "common/tokens/minting.h"
#include "common/tokens/p256.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

constexpr int kLeastRsaBits = 2048;

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

std::optional<Algorithm> AlgorithmOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return Algorithm::kEdDsa;
  if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= kLeastRsaBits) {
    return Algorithm::kRs256;
  }
  char group[32] = "";
  if (EVP_PKEY_is_a(key, "EC") &&
      EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
      std::string_view(group) == "prime256v1") {
    return Algorithm::kEs256;
  }
  return std::nullopt;
}

std::string Bytes(const BIGNUM* number, int size) {
  std::string bytes(static_cast<size_t>(size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size);
  return bytes;
}

// A number of the key, as `size` bytes, or in as few as it takes when that is 0.
std::string NumberOf(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return "";
  const Number number(raw);
  return EncodeBase64Url(Bytes(raw, size == 0 ? BN_num_bytes(raw) : size));
}

std::string RawPublicKey(const EVP_PKEY* key) {
  std::string bytes(32, '\0');
  size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size) !=
      1) {
    return "";
  }
  return EncodeBase64Url(bytes.substr(0, size));
}

// What makes the key the one it is, and nothing else: its text is what RFC 7638 hashes.
json RequiredMembers(const EVP_PKEY* key, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return {{"kty", "EC"},
              {"crv", "P-256"},
              {"x", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes)},
              {"y", NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes)}};
    case Algorithm::kEdDsa:
      return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", RawPublicKey(key)}};
    case Algorithm::kRs256:
      return {{"kty", "RSA"},
              {"n", NumberOf(key, OSSL_PKEY_PARAM_RSA_N)},
              {"e", NumberOf(key, OSSL_PKEY_PARAM_RSA_E)}};
  }
  return {};
}

std::string Thumbprint(const json& required) {
  const std::string text = required.dump();  // members in the order of their names
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return EncodeBase64Url(digest);
}

// r and s as they stand in a token; of the two signatures with this r the one with the lesser s.
absl::StatusOr<std::string> FixedWidth(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  if (signature == nullptr) return absl::InternalError("the signature cannot be read");
  const std::string r = Bytes(ECDSA_SIG_get0_r(signature.get()), kP256Bytes);
  std::string s = Bytes(ECDSA_SIG_get0_s(signature.get()), kP256Bytes);
  if (s > kP256HalfOrder) {
    const Number order(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(kP256Order.data()), kP256Bytes, nullptr));
    const Number lesser(BN_new());
    BN_sub(lesser.get(), order.get(), ECDSA_SIG_get0_s(signature.get()));
    s = Bytes(lesser.get(), kP256Bytes);
  }
  return r + s;
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<EVP_PKEY> key, Algorithm algorithm)
    : key_(std::move(key)), algorithm_(algorithm) {}

absl::StatusOr<SigningKey> SigningKey::Of(std::shared_ptr<EVP_PKEY> key, std::string kid) {
  const auto algorithm = AlgorithmOf(key.get());
  if (!algorithm.has_value()) {
    return absl::InvalidArgumentError(
        "the signing key is neither P-256, nor Ed25519, nor RSA of 2048 bits or more");
  }
  SigningKey made(std::move(key), *algorithm);
  json jwk = RequiredMembers(made.key_.get(), *algorithm);
  made.kid_ = kid.empty() ? Thumbprint(jwk) : std::move(kid);
  jwk["use"] = "sig";
  jwk["alg"] = NameOf(*algorithm);
  jwk["kid"] = made.kid_;
  made.public_jwk_ = jwk.dump();
  return made;
}

absl::StatusOr<SigningKey> SigningKey::Generate(Algorithm algorithm, std::string kid) {
  EVP_PKEY* key = nullptr;
  switch (algorithm) {
    case Algorithm::kEs256:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case Algorithm::kEdDsa:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
    case Algorithm::kRs256:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(kLeastRsaBits));
      break;
  }
  if (key == nullptr) return absl::InternalError("no signing key could be generated");
  return Of(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free), std::move(kid));
}

absl::StatusOr<SigningKey> SigningKey::FromPem(std::string_view pem, std::string kid) {
  const Bio source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Without this, OpenSSL would ask the terminal for the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr);
  if (key == nullptr) {
    return absl::InvalidArgumentError("the signing key is no unencrypted private key in PEM");
  }
  return Of(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free), std::move(kid));
}

absl::StatusOr<std::string> SigningKey::ToPem() const {
  const Bio target(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (PEM_write_bio_PKCS8PrivateKey(target.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return absl::InternalError("the signing key cannot be written");
  }
  const long size = BIO_get_mem_data(target.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

absl::StatusOr<std::string> SigningKey::Sign(std::string_view text) const {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const EVP_MD* digest = algorithm_ == Algorithm::kEdDsa ? nullptr : EVP_sha256();
  size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return absl::InternalError("the key does not sign");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, text.size()) != 1) {
    return absl::InternalError("the key does not sign");
  }
  signature.resize(size);
  if (algorithm_ == Algorithm::kEs256) return FixedWidth(signature);
  return signature;
}

}  // namespace veille::tokens
