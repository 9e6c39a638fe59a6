#include "common/privacy/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/status/errors.h"

namespace veille::privacy {
namespace {
constexpr char kIdentityVersion = '\0';
}  // namespace

db::Bytes IdentitySeal::Close(const SealContext&, std::string_view plain) const {
  return db::Bytes{std::string(1, kIdentityVersion).append(plain)};
}

absl::StatusOr<std::string> IdentitySeal::Open(const SealContext&, const db::Bytes& sealed) const {
  if (sealed.value.empty() || sealed.value[0] != kIdentityVersion) {
    return errors::Internal("a sealed value does not open");
  }
  return sealed.value.substr(1);
}

db::Bytes IdentitySeal::Blind(ids::CampaignId campaign, std::string_view value) const {
  const auto& key = campaign.uuid().bytes();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest, &size);
  return db::Bytes{std::string(reinterpret_cast<const char*>(digest), size)};
}

}  // namespace veille::privacy
