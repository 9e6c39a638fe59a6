#include "common/tokens/signature.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <memory>
#include <string>

#include "common/tokens/p256.h"

namespace veille::tokens {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Found once: looking an algorithm up costs as much as the hash of a short token.
const EVP_MD* Sha256() {
  static const EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

// An unsigned number of 32 bytes as a DER INTEGER.
void AppendInteger(std::string_view number, std::string& der) {
  while (number.size() > 1 && number[0] == '\0') number.remove_prefix(1);
  const bool looks_negative = (static_cast<unsigned char>(number[0]) & 0x80) != 0;
  der.push_back('\x02');
  der.push_back(static_cast<char>(number.size() + (looks_negative ? 1 : 0)));
  if (looks_negative) der.push_back('\0');
  der.append(number);
}

// OpenSSL takes ECDSA signatures in DER only.
std::string ToDer(std::string_view r, std::string_view s) {
  std::string integers;
  AppendInteger(r, integers);
  AppendInteger(s, integers);
  return std::string("\x30").append(1, static_cast<char>(integers.size())).append(integers);
}

bool Verify(const VerificationKey& key, std::string_view text, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  const EVP_MD* digest = key.algorithm == Algorithm::kEdDsa ? nullptr : Sha256();
  const bool holds =
      EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.key.get()) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) == 1;
  // What OpenSSL notes about a refusal would be taken for an error of this thread's next
  // connection.
  if (!holds) ERR_clear_error();
  return holds;
}

size_t LengthOf(const VerificationKey& key) {
  switch (key.algorithm) {
    case Algorithm::kEs256:
      return 2 * kP256Bytes;
    case Algorithm::kEdDsa:
      return 64;
    case Algorithm::kRs256:
      return static_cast<size_t>(EVP_PKEY_get_size(key.key.get()));
  }
  return 0;
}

}  // namespace

Refusal CheckSignature(const VerificationKey& key, std::string_view text,
                       std::string_view signature, bool takes_high_s) {
  if (signature.size() != LengthOf(key)) return Refusal::kBadSignature;
  if (key.algorithm != Algorithm::kEs256) {
    return Verify(key, text, signature) ? Refusal::kNone : Refusal::kBadSignature;
  }
  const std::string_view r = signature.substr(0, kP256Bytes);
  const std::string_view s = signature.substr(kP256Bytes);
  // OpenSSL checks that both lie between 0 and the order.
  if (!Verify(key, text, ToDer(r, s))) return Refusal::kBadSignature;
  return s > kP256HalfOrder && !takes_high_s ? Refusal::kHighSignature : Refusal::kNone;
}

}  // namespace veille::tokens
