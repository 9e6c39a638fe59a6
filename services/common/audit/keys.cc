#include "common/audit/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::audit {
namespace {

constexpr size_t kPublicLength = 32;
constexpr size_t kSignatureLength = 64;

struct ContextFreer {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFreer>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// No password is ever asked for: a key that is encrypted is not read.
int NoPassword(char*, int, int, void*) { return -1; }

std::string IdOf(std::string_view public_key) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(Bytes(public_key), public_key.size(), digest.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), 8));
}

absl::Status NotKeys() {
  return absl::InvalidArgumentError(
      "an audit key is one Ed25519 private key in PEM, and public keys of earlier ones after it");
}

}  // namespace

void Keys::Freer::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
Keys::~Keys() = default;

absl::Status Keys::Add(Key key, bool is_private) {
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 || (is_private && private_ != nullptr)) {
    return NotKeys();
  }
  std::string raw(kPublicLength, '\0');
  size_t length = raw.size();
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (EVP_PKEY_get_raw_public_key(key.get(), out, &length) != 1 || length != kPublicLength) {
    return NotKeys();
  }
  const std::string id = IdOf(raw);
  if (is_private) {
    id_ = id;
    private_ = std::move(key);
  }
  public_[id] = Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(raw), raw.size()));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Keys>> Keys::FromPem(std::string_view pem) {
  std::unique_ptr<Keys> keys(new Keys);
  size_t at = 0;
  while ((at = pem.find("-----BEGIN ", at)) != std::string_view::npos) {
    const std::string_view rest = pem.substr(at++);
    const bool is_private = rest.substr(0, rest.find('\n')).find("PRIVATE") != std::string::npos;
    const std::unique_ptr<BIO, int (*)(BIO*)> in(
        BIO_new_mem_buf(rest.data(), static_cast<int>(rest.size())), BIO_free);
    Key key(is_private ? PEM_read_bio_PrivateKey(in.get(), nullptr, NoPassword, nullptr)
                       : PEM_read_bio_PUBKEY(in.get(), nullptr, NoPassword, nullptr));
    if (key == nullptr) return NotKeys();
    RETURN_IF_ERROR(keys->Add(std::move(key), is_private));
  }
  if (keys->private_ == nullptr) return NotKeys();
  return keys;
}

absl::StatusOr<std::unique_ptr<Keys>> Keys::FromFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::FailedPreconditionError(absl::StrCat(path, " cannot be read"));
  const std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto keys = FromPem(pem);
  if (keys.ok()) return keys;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", keys.status().message()));
}

std::string Keys::Sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(kSignatureLength, '\0');
  size_t length = signature.size();
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_.get()) != 1 ||
      EVP_DigestSign(context.get(), out, &length, Bytes(message), message.size()) != 1) {
    return "";
  }
  return signature;
}

bool Keys::Verify(const std::string& key_id, std::string_view message,
                  std::string_view signature) const {
  const auto key = public_.find(key_id);
  if (key == public_.end()) return false;
  const Context context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key->second.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

}  // namespace veille::audit
