#include "common/web/webhook_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace veille::web {
namespace {

constexpr char kHmacPrefix[] = "whsec_";
constexpr char kPrivatePrefix[] = "whsk_";
constexpr char kPublicPrefix[] = "whpk_";
constexpr size_t kHmacBytes = 32;
constexpr size_t kLeastHmacBytes = 24;
constexpr size_t kMostHmacBytes = 64;
constexpr size_t kSeedBytes = 32;
constexpr size_t kPublicBytes = 32;
constexpr size_t kSignatureBytes = 64;

struct Cleanup {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Cleanup>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status Failed() {
  ERR_clear_error();
  return absl::InternalError("OpenSSL refuses");
}
absl::Status Wrong() { return absl::InvalidArgumentError("that is not a key that signs webhooks"); }

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Bytes(bytes), static_cast<int>(count)) != 1) return Failed();
  return bytes;
}

Key PrivateKey(std::string_view seed) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), kSeedBytes));
}

absl::StatusOr<std::string> WithPublicKey(std::string_view seed) {
  const Key key = PrivateKey(seed);
  std::string public_key(kPublicBytes, '\0');
  size_t size = public_key.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), Bytes(public_key), &size) != 1) {
    return Failed();
  }
  return std::string(seed) + public_key;
}

absl::StatusOr<std::string> Hmac(std::string_view secret, std::string_view text) {
  std::string tag(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(text), text.size(),
           Bytes(tag), &size) == nullptr) {
    return Failed();
  }
  tag.resize(size);
  return tag;
}

absl::StatusOr<std::string> Ed25519(std::string_view seed, std::string_view text) {
  const Key key = PrivateKey(seed);
  const std::unique_ptr<EVP_MD_CTX, Cleanup> context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  if (key == nullptr || context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(text), text.size()) != 1) {
    return Failed();
  }
  return signature;
}

}  // namespace

absl::StatusOr<WebhookKey> WebhookKey::Generate(Algorithm algorithm) {
  if (algorithm == Algorithm::kHmacSha256) {
    ASSIGN_OR_RETURN(std::string secret, RandomBytes(kHmacBytes));
    return WebhookKey(algorithm, std::move(secret));
  }
  ASSIGN_OR_RETURN(const std::string seed, RandomBytes(kSeedBytes));
  ASSIGN_OR_RETURN(std::string pair, WithPublicKey(seed));
  return WebhookKey(algorithm, std::move(pair));
}

absl::StatusOr<WebhookKey> WebhookKey::Parse(std::string_view text) {
  const bool is_hmac = text.starts_with(kHmacPrefix);
  if (!is_hmac && !text.starts_with(kPrivatePrefix)) return Wrong();
  const std::string encoded(
      text.substr((is_hmac ? sizeof(kHmacPrefix) : sizeof(kPrivatePrefix)) - 1));
  std::string bytes;
  if (!absl::Base64Unescape(encoded, &bytes)) return Wrong();
  if (is_hmac) {
    if (bytes.size() < kLeastHmacBytes || bytes.size() > kMostHmacBytes) return Wrong();
    return WebhookKey(Algorithm::kHmacSha256, std::move(bytes));
  }
  if (bytes.size() != kSeedBytes && bytes.size() != kSeedBytes + kPublicBytes) return Wrong();
  ASSIGN_OR_RETURN(std::string pair, WithPublicKey(bytes.substr(0, kSeedBytes)));
  if (bytes.size() != kSeedBytes && bytes != pair) return Wrong();
  return WebhookKey(Algorithm::kEd25519, std::move(pair));
}

std::string WebhookKey::Secret() const {
  const bool is_hmac = algorithm_ == Algorithm::kHmacSha256;
  return absl::StrCat(is_hmac ? kHmacPrefix : kPrivatePrefix, absl::Base64Escape(bytes_));
}

std::string WebhookKey::ForPartner() const {
  if (algorithm_ == Algorithm::kHmacSha256) return Secret();
  return absl::StrCat(kPublicPrefix, absl::Base64Escape(bytes_.substr(kSeedBytes)));
}

absl::StatusOr<std::string> WebhookKey::Sign(std::string_view id, absl::Time time,
                                             std::string_view body) const {
  const std::string text =
      absl::StrCat(std::string(id), ".", absl::ToUnixSeconds(time), ".", std::string(body));
  if (algorithm_ == Algorithm::kHmacSha256) {
    ASSIGN_OR_RETURN(const std::string tag, Hmac(bytes_, text));
    return absl::StrCat("v1,", absl::Base64Escape(tag));
  }
  ASSIGN_OR_RETURN(const std::string signature, Ed25519(bytes_.substr(0, kSeedBytes), text));
  return absl::StrCat("v1a,", absl::Base64Escape(signature));
}

absl::StatusOr<std::vector<std::string>> SignedHeaders(const std::vector<WebhookKey>& keys,
                                                       std::string_view id, absl::Time time,
                                                       std::string_view body) {
  std::vector<std::string> signatures;
  for (const WebhookKey& key : keys) {
    ASSIGN_OR_RETURN(std::string signature, key.Sign(id, time, body));
    signatures.push_back(std::move(signature));
  }
  return std::vector<std::string>{
      absl::StrCat("webhook-id: ", std::string(id)),
      absl::StrCat("webhook-timestamp: ", absl::ToUnixSeconds(time)),
      absl::StrCat("webhook-signature: ", absl::StrJoin(signatures, " "))};
}

}  // namespace veille::web
