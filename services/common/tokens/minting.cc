#include "common/tokens/minting.h"

#include <nlohmann/json.hpp>

#include "common/ids/uuid.h"
#include "common/status/macros.h"
#include "common/tokens/base64url.h"

namespace veille::tokens {

using nlohmann::json;

std::string PublicJwks(const std::vector<SigningKey>& keys) {
  json set = {{"keys", json::array()}};
  for (const SigningKey& key : keys) set["keys"].push_back(json::parse(key.PublicJwk()));
  return set.dump(2) + "\n";
}

absl::StatusOr<std::string> Mint(const SigningKey& key, const MintedClaims& claims) {
  const json header = {{"typ", "at+jwt"}, {"alg", NameOf(key.algorithm())}, {"kid", key.kid()}};
  const int64_t issued = absl::ToUnixSeconds(claims.issued);
  json payload = {{"iss", claims.issuer},
                  {"aud", claims.audience},
                  {"sub", claims.subject},
                  {"client_id", "veille"},
                  {"jti", ids::Uuid::Random().ToString()},
                  {"iat", issued},
                  {"exp", issued + absl::ToInt64Seconds(claims.lifetime)},
                  {"veille_roles", claims.roles}};
  if (!claims.landlord.empty()) payload["veille_landlord"] = claims.landlord;
  if (!claims.partner.empty()) payload["veille_partner"] = claims.partner;
  try {
    return MintText(key, header.dump(), payload.dump());
  } catch (const json::type_error&) {
    return absl::InvalidArgumentError("the claims are no valid UTF-8");
  }
}

absl::StatusOr<std::string> MintText(const SigningKey& key, std::string_view header,
                                     std::string_view claims) {
  const std::string signed_text = EncodeBase64Url(header) + "." + EncodeBase64Url(claims);
  ASSIGN_OR_RETURN(const std::string signature, key.Sign(signed_text));
  return signed_text + "." + EncodeBase64Url(signature);
}

}  // namespace veille::tokens
