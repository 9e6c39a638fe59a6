// Well signed tokens that are not for us, not for now, or not what an access token is.

#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

const SigningKey& Key() { return KeyFor(Algorithm::kEs256); }

std::string With(const World& world, const char* claim, const json& value) {
  json claims = GoodClaims(world.now);
  claims[claim] = value;
  if (value.is_null()) claims.erase(claim);
  return Signed(Key(), GoodHeader(Key()), claims);
}

// Where null must stand there.
std::string WithNull(const World& world, const char* claim) {
  json claims = GoodClaims(world.now);
  claims[claim] = nullptr;
  return Signed(Key(), GoodHeader(Key()), claims);
}

std::vector<Forgery> Issuers(const World& world) {
  const auto unknown = Refusal::kUnknownIssuer;
  return {
      {"no issuer", unknown, With(world, "iss", nullptr)},
      {"another issuer", unknown, With(world, "iss", "https://stranger.example")},
      {"an issuer with a slash", unknown, With(world, "iss", std::string(kIssuer) + "/")},
      {"an issuer in capitals", unknown, With(world, "iss", "HTTPS://LOGIN.EXAMPLE/VEILLE")},
      {"part of an issuer", unknown, With(world, "iss", "https://login.example")},
      {"a list of issuers", unknown, With(world, "iss", {kIssuer})},
      {"an empty issuer", unknown, With(world, "iss", "")},
  };
}

std::vector<Forgery> Audiences(const World& world) {
  const auto wrong = Refusal::kWrongAudience;
  return {
      {"no audience", wrong, With(world, "aud", nullptr)},
      {"another audience", wrong, With(world, "aud", "payroll")},
      {"other audiences", wrong, With(world, "aud", {"payroll", "mail"})},
      {"no audiences", wrong, With(world, "aud", json::array())},
      {"our audience and more in one", wrong, With(world, "aud", "veille mail")},
      {"an audience that begins like ours", wrong, With(world, "aud", "veille2")},
      {"our audience in capitals", wrong, With(world, "aud", "VEILLE")},
      {"our audience as a member", wrong, With(world, "aud", {{"veille", true}})},
      {"our audience beside a number", wrong, With(world, "aud", {"veille", 1})},
  };
}

std::vector<Forgery> Times(const World& world) {
  const int64_t now = absl::ToUnixSeconds(world.now);
  const auto bad = Refusal::kBadTime;
  return {
      {"no end", bad, With(world, "exp", nullptr)},
      {"an end that is null", bad, WithNull(world, "exp")},
      {"an end as text", bad, With(world, "exp", std::to_string(now + 600))},
      {"an end before all time", bad, With(world, "exp", -1)},
      {"an end beyond all time", bad, With(world, "exp", 1e20)},
      {"an end in milliseconds", bad, With(world, "exp", (now + 600) * 1000)},
      {"expired by a second", Refusal::kExpired, With(world, "exp", now - 1)},
      {"expired now", Refusal::kExpired, With(world, "exp", now)},
      {"expired by a part of a second", Refusal::kExpired, With(world, "exp", now - 0.25)},
      {"expired long ago", Refusal::kExpired, With(world, "exp", 1)},
      {"valid from the next second on", Refusal::kNotYetValid, With(world, "nbf", now + 1)},
      {"a beginning as text", bad, With(world, "nbf", std::to_string(now))},
      {"a beginning that is null", bad, WithNull(world, "nbf")},
      {"not issued", bad, With(world, "iat", nullptr)},
      {"issued as text", bad, With(world, "iat", std::to_string(now))},
      {"issued in the next second", Refusal::kIssuedInTheFuture, With(world, "iat", now + 1)},
      {"alive for a second too long", Refusal::kLivesTooLong,
       With(world, "exp", now - 60 + 12 * 3600 + 1)},
      {"issued at the beginning of time", Refusal::kLivesTooLong, With(world, "iat", 0)},
  };
}

std::vector<Forgery> Kinds(const World& world) {
  const auto identity = Refusal::kIdentityToken;
  return {
      {"an identity token with an access token's hash", identity, With(world, "at_hash", "x")},
      {"an identity token with a code's hash", identity, With(world, "c_hash", "x")},
      {"an identity token that says so", identity, With(world, "typ", "ID")},
      {"a refresh token", identity, With(world, "typ", "Refresh")},
  };
}

std::vector<Forgery> Persons(const World& world) {
  const auto bad = Refusal::kBadPerson;
  return {
      {"nobody", bad, With(world, "sub", nullptr)},
      {"an empty person", bad, With(world, "sub", "")},
      {"a person of 201 bytes", bad, With(world, "sub", std::string(201, 'p'))},
      {"a number as person", bad, With(world, "sub", 7)},
      {"a list of persons", bad, With(world, "sub", {kPerson})},
      {"a person of two lines", bad, With(world, "sub", "a\ntoken accepted")},
      {"a person with a NUL", bad, With(world, "sub", std::string("a\0b", 3))},
  };
}

std::vector<Forgery> Rights(const World& world) {
  const auto bad = Refusal::kBadRoles;
  return {
      {"no roles", bad, With(world, "veille_roles", nullptr)},
      {"a number as role", bad, With(world, "veille_roles", 4)},
      {"a number among the roles", bad, With(world, "veille_roles", {"volunteer", 4})},
      {"roles as members", bad, With(world, "veille_roles", {{"operator", true}})},
      {"an empty list of roles", Refusal::kNoRole, With(world, "veille_roles", json::array())},
      {"roles that are none of ours", Refusal::kNoRole, With(world, "veille_roles", {"admin"})},
      {"roles in one text", Refusal::kNoRole, With(world, "veille_roles", "volunteer dpo")},
      {"the role of a service", Refusal::kNoRole, With(world, "veille_roles", {"service"})},
      {"a role in capitals", Refusal::kNoRole, With(world, "veille_roles", {"OPERATOR"})},
      {"a landlord that is no id", Refusal::kBadLandlord, With(world, "veille_landlord", "all")},
      {"an empty landlord", Refusal::kBadLandlord, With(world, "veille_landlord", "")},
      {"landlords", Refusal::kBadLandlord, With(world, "veille_landlord", {kLandlord})},
      {"the landlord of zeros", Refusal::kBadLandlord,
       With(world, "veille_landlord", ids::Uuid().ToString())},
      {"a landlord in braces", Refusal::kBadLandlord,
       With(world, "veille_landlord", "{" + std::string(kLandlord) + "}")},
      {"a partner that is no id", Refusal::kBadPartner, With(world, "veille_partner", "7")},
      {"a partner that is null", Refusal::kBadPartner, WithNull(world, "veille_partner")},
  };
}

}  // namespace

std::vector<Forgery> ForgedClaims(const World& world) {
  std::vector<Forgery> all = Issuers(world);
  for (auto& more : {Audiences(world), Times(world), Kinds(world), Persons(world), Rights(world)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace veille::tokens
