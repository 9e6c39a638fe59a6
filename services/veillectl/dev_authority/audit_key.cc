#include "veillectl/dev_authority/audit_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "absl/status/status.h"

namespace veille::veillectl {
namespace {

std::string TextOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<AuditKey> NewAuditKey() {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  const std::unique_ptr<BIO, void (*)(BIO*)> secret(BIO_new(BIO_s_secmem()), BIO_free_all);
  const std::unique_ptr<BIO, void (*)(BIO*)> open(BIO_new(BIO_s_mem()), BIO_free_all);
  if (key == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1 ||
      PEM_write_bio_PUBKEY(open.get(), key.get()) != 1) {
    return absl::InternalError("OpenSSL refused to make an ed25519 key");
  }
  return AuditKey{.secret = TextOf(secret.get()), .open = TextOf(open.get())};
}

}  // namespace veille::veillectl
