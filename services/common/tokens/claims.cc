#include "common/tokens/claims.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace veille::tokens {
namespace {

using nlohmann::json;

constexpr size_t kLongestPerson = 200;
constexpr double kYear10000 = 253402300800;

const json* Find(const json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto member = object.find(std::string(name));
  return member == object.end() ? nullptr : &*member;
}

// A claim by its whole name ("https://login.example/roles"), or else along its dots
// ("realm_access.roles").
const json* FindClaim(const json& claims, std::string_view name) {
  if (const json* whole = Find(claims, name)) return whole;
  const json* at = &claims;
  while (at != nullptr) {
    const size_t dot = name.find('.');
    at = Find(*at, name.substr(0, dot));
    if (dot == name.npos) return at;
    name.remove_prefix(dot + 1);
  }
  return nullptr;
}

bool IsFor(const json& claims, const std::string& audience) {
  const json* value = Find(claims, "aud");
  if (value == nullptr) return false;
  if (value->is_string()) return *value == audience;
  return value->is_array() && std::find(value->begin(), value->end(), audience) != value->end() &&
         std::all_of(value->begin(), value->end(), [](const json& v) { return v.is_string(); });
}

std::optional<absl::Time> TimeOf(const json* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->get<double>();
  if (!(seconds >= 0 && seconds < kYear10000)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

Refusal ReadTimes(const json& claims, const Issuer& issuer, absl::Time now, absl::Time& expires) {
  const auto exp = TimeOf(Find(claims, "exp"));
  const auto iat = TimeOf(Find(claims, "iat"));
  const json* from = Find(claims, "nbf");
  const auto nbf = TimeOf(from);
  if (!exp.has_value() || !iat.has_value() || (from != nullptr && !nbf.has_value())) {
    return Refusal::kBadTime;
  }
  if (now - issuer.clock_skew >= *exp) return Refusal::kExpired;
  if (nbf.has_value() && now + issuer.clock_skew < *nbf) return Refusal::kNotYetValid;
  if (now + issuer.clock_skew < *iat) return Refusal::kIssuedInTheFuture;
  if (*exp - *iat > issuer.longest_lifetime) return Refusal::kLivesTooLong;
  expires = *exp;
  return Refusal::kNone;
}

// Signed by the same keys, and meant for the application that signs people in: no access token.
bool IsIdentityToken(const json& claims) {
  const json* type = Find(claims, "typ");
  return claims.contains("at_hash") || claims.contains("c_hash") ||
         (type != nullptr && *type != "Bearer");
}

Refusal ReadPerson(const json* value, std::string& subject) {
  if (value == nullptr || !value->is_string()) return Refusal::kBadPerson;
  subject = value->get<std::string>();
  const bool is_plain = std::none_of(subject.begin(), subject.end(),
                                     [](unsigned char c) { return c < ' ' || c == '\x7f'; });
  const bool fits = !subject.empty() && subject.size() <= kLongestPerson && is_plain;
  return fits ? Refusal::kNone : Refusal::kBadPerson;
}

Refusal ReadRoles(const json* value, const Issuer& issuer, std::vector<access::Role>& roles) {
  if (value == nullptr || !(value->is_string() || value->is_array())) return Refusal::kBadRoles;
  std::set<access::Role> found;
  for (const json& name : value->is_array() ? *value : json::array({*value})) {
    if (!name.is_string()) return Refusal::kBadRoles;
    const auto role = issuer.roles.find(name.get<std::string>());
    if (role != issuer.roles.end()) found.insert(role->second);
  }
  roles.assign(found.begin(), found.end());
  return roles.empty() ? Refusal::kNoRole : Refusal::kNone;
}

// Nil when there is none; nothing when it is no id.
template <typename Id>
std::optional<Id> IdOf(const json* value) {
  if (value == nullptr) return Id();
  if (!value->is_string()) return std::nullopt;
  const auto id = Id::Parse(value->get<std::string>());
  return id.has_value() && !id->is_nil() ? id : std::nullopt;
}

bool SpeaksFor(const Issuer& issuer, ids::LandlordId landlord) {
  return issuer.landlords.empty() || std::find(issuer.landlords.begin(), issuer.landlords.end(),
                                               landlord) != issuer.landlords.end();
}

}  // namespace

Refusal ReadClaims(const json& claims, const Issuer& issuer, absl::Time now, Grant& grant) {
  if (!IsFor(claims, issuer.audience)) return Refusal::kWrongAudience;
  Refusal refusal = ReadTimes(claims, issuer, now, grant.expires);
  if (refusal != Refusal::kNone) return refusal;
  if (IsIdentityToken(claims)) return Refusal::kIdentityToken;
  refusal = ReadPerson(FindClaim(claims, issuer.claims.person), grant.subject);
  if (refusal != Refusal::kNone) return refusal;
  refusal = ReadRoles(FindClaim(claims, issuer.claims.roles), issuer, grant.roles);
  if (refusal != Refusal::kNone) return refusal;
  const auto landlord = IdOf<ids::LandlordId>(FindClaim(claims, issuer.claims.landlord));
  if (!landlord.has_value() || !SpeaksFor(issuer, *landlord)) return Refusal::kBadLandlord;
  const auto partner = IdOf<ids::PartnerId>(FindClaim(claims, issuer.claims.partner));
  if (!partner.has_value()) return Refusal::kBadPartner;
  grant.issuer = issuer.name;
  grant.landlord = *landlord;
  grant.partner = *partner;
  return Refusal::kNone;
}

}  // namespace veille::tokens
