// Headers that would lead a gullible reader to another algorithm or another key.

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/tokens/base64url.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

const SigningKey& Key() { return KeyFor(Algorithm::kEs256); }

// Well signed by our provider, with one member of the header changed, or taken away (null).
std::string With(const World& world, const char* member, const json& value) {
  json header = GoodHeader(Key());
  header[member] = value;
  if (value.is_null()) header.erase(member);
  return Signed(Key(), header, GoodClaims(world.now));
}

// "Signed" with a secret that everybody knows.
std::string Hmac(const World& world, const SigningKey& key, const std::string& algorithm,
                 const EVP_MD* digest, const std::string& secret) {
  json header = GoodHeader(key);
  header["alg"] = algorithm;
  const std::string text =
      EncodeBase64Url(header.dump()) + "." + EncodeBase64Url(GoodClaims(world.now).dump());
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(digest, secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + EncodeBase64Url(std::string_view(reinterpret_cast<char*>(mac), size));
}

std::string Unsigned(const World& world, const std::string& algorithm) {
  json header = GoodHeader(Key());
  header["alg"] = algorithm;
  return EncodeBase64Url(header.dump()) + "." + EncodeBase64Url(GoodClaims(world.now).dump()) + ".";
}

// By a stranger, with the key that checks it inside, or where to find it.
std::string Strange(const World& world, const std::string& member, const json& value) {
  json header = GoodHeader(StrangersKey());
  if (!member.empty()) header[member] = value;
  return Signed(StrangersKey(), header, GoodClaims(world.now));
}

std::string ByRsaWith(const World& world, const std::string& algorithm) {
  const SigningKey& rsa = KeyFor(Algorithm::kRs256);
  json header = GoodHeader(rsa);
  header["alg"] = algorithm;
  return Signed(rsa, header, GoodClaims(world.now));
}

std::vector<Forgery> Algorithms(const World& world) {
  const auto wrong = Refusal::kWrongAlgorithm;
  const SigningKey& rsa = KeyFor(Algorithm::kRs256);
  const std::string modulus = json::parse(rsa.PublicJwk())["n"].get<std::string>();
  const std::string good = GoodToken(world, Algorithm::kEs256);
  return {
      {"none", wrong, Unsigned(world, "none")},
      {"None", wrong, Unsigned(world, "None")},
      {"nOnE", wrong, Unsigned(world, "nOnE")},
      {"none with a signature", wrong, Unsigned(world, "none") + PartsOf(good)[2]},
      {"well signed, and says none", wrong, With(world, "alg", "none")},
      {"HS256 with the public key as the secret", wrong,
       Hmac(world, rsa, "HS256", EVP_sha256(), rsa.PublicJwk())},
      {"HS256 with the modulus as the secret", wrong,
       Hmac(world, rsa, "HS256", EVP_sha256(), DecodeBase64Url(modulus).value())},
      {"HS256 with the public key on the curve", wrong,
       Hmac(world, Key(), "HS256", EVP_sha256(), Key().PublicJwk())},
      {"HS256 without a secret", wrong, Hmac(world, Key(), "HS256", EVP_sha256(), "")},
      {"HS384", wrong, Hmac(world, rsa, "HS384", EVP_sha384(), rsa.PublicJwk())},
      {"HS512", wrong, Hmac(world, rsa, "HS512", EVP_sha512(), rsa.PublicJwk())},
      {"a MAC that says ES256", Refusal::kBadSignature,
       Hmac(world, Key(), "ES256", EVP_sha256(), Key().PublicJwk())},
      {"a MAC that says RS256", Refusal::kBadSignature,
       Hmac(world, rsa, "RS256", EVP_sha256(), rsa.PublicJwk())},
      {"RS384", wrong, ByRsaWith(world, "RS384")},
      {"RS512", wrong, ByRsaWith(world, "RS512")},
      {"RS1", wrong, ByRsaWith(world, "RS1")},
      {"PS256", wrong, ByRsaWith(world, "PS256")},
      {"ES384", wrong, With(world, "alg", "ES384")},
      {"ES256K", wrong, With(world, "alg", "ES256K")},
      {"es256", wrong, With(world, "alg", "es256")},
      {"ES256 and a blank", wrong, With(world, "alg", "ES256 ")},
      {"no algorithm", wrong, With(world, "alg", nullptr)},
      {"a number", wrong, With(world, "alg", 256)},
      {"a list", wrong, With(world, "alg", {"ES256", "none"})},
      {"RS256 over a key on the curve", Refusal::kAlgorithmOfAnotherKey,
       With(world, "alg", "RS256")},
      {"EdDSA over a key on the curve", Refusal::kAlgorithmOfAnotherKey,
       With(world, "alg", "EdDSA")},
      {"ES256 over an RSA key", Refusal::kAlgorithmOfAnotherKey, ByRsaWith(world, "ES256")},
  };
}

std::vector<Forgery> KeyIds(const World& world) {
  return {
      {"the key id of an RSA key", Refusal::kAlgorithmOfAnotherKey, With(world, "kid", "RS256")},
      {"the key id of an Ed25519 key", Refusal::kAlgorithmOfAnotherKey,
       With(world, "kid", "EdDSA")},
      {"the key id of another key of its kind", Refusal::kBadSignature,
       With(world, "kid", "spare")},
      {"no key id", Refusal::kNoKeyId, With(world, "kid", nullptr)},
      {"an empty key id", Refusal::kNoKeyId, With(world, "kid", "")},
      {"a number as key id", Refusal::kNoKeyId, With(world, "kid", 1)},
      {"a list as key id", Refusal::kNoKeyId, With(world, "kid", {"ES256"})},
      {"a key id of 201 bytes", Refusal::kNoKeyId, With(world, "kid", std::string(201, 'k'))},
      {"a path as key id", Refusal::kUnknownKey, With(world, "kid", "../../../dev/null")},
      {"SQL as key id", Refusal::kUnknownKey, With(world, "kid", "x' UNION SELECT 'key")},
      {"a key id with a NUL", Refusal::kUnknownKey, With(world, "kid", std::string("ES256\0", 6))},
      {"a key id in other letters", Refusal::kUnknownKey, With(world, "kid", "es256")},
      {"a stranger's key", Refusal::kUnknownKey, Strange(world, "", nullptr)},
      {"a stranger's key under our key id", Refusal::kBadSignature, Strange(world, "kid", "ES256")},
  };
}

std::vector<Forgery> Embedded(const World& world) {
  const auto embedded = Refusal::kEmbeddedKey;
  const json strangers = json::parse(StrangersKey().PublicJwk());
  const json ours = json::parse(Key().PublicJwk());
  return {
      {"with its own key", embedded, Strange(world, "jwk", strangers)},
      {"with our key", embedded, With(world, "jwk", ours)},
      {"with a key that is null", embedded, Strange(world, "jwk", nullptr)},
      {"with the address of its keys", embedded,
       Strange(world, "jku", "https://stranger.example/keys")},
      {"with the address of our keys", embedded, With(world, "jku", IssuerNamed(kIssuer).keys)},
      {"with a file as address", embedded, Strange(world, "jku", "file:///dev/stdin")},
      {"with the address of its certificate", embedded,
       Strange(world, "x5u", "https://stranger.example/certificate")},
      {"with its certificate", embedded, Strange(world, "x5c", {"MIIB"})},
  };
}

std::vector<Forgery> Extensions(const World& world) {
  json unencoded = GoodHeader(Key());
  unencoded["b64"] = false;
  unencoded["crit"] = {"b64"};
  return {
      {"something critical that nobody knows", Refusal::kCritical, With(world, "crit", {"lie"})},
      {"critical claims that are not encoded", Refusal::kCritical,
       Signed(Key(), unencoded, GoodClaims(world.now))},
      {"critical expiry", Refusal::kCritical, With(world, "crit", {"exp"})},
      {"an empty list of what is critical", Refusal::kCritical, With(world, "crit", json::array())},
      {"what is critical as a text", Refusal::kCritical, With(world, "crit", "exp")},
  };
}

std::vector<Forgery> Types(const World& world) {
  const auto wrong = Refusal::kWrongType;
  return {
      {"no type", wrong, With(world, "typ", nullptr)},
      {"an identity token", wrong, With(world, "typ", "JWT")},
      {"a logout token", wrong, With(world, "typ", "logout+jwt")},
      {"a proof of possession", wrong, With(world, "typ", "dpop+jwt")},
      {"a type of another family", wrong, With(world, "typ", "text/at+jwt")},
      {"a type with a parameter", wrong, With(world, "typ", "at+jwt;v=1")},
      {"application twice", wrong, With(world, "typ", "application/application/at+jwt")},
      {"a number as type", wrong, With(world, "typ", 1)},
      {"a list of types", wrong, With(world, "typ", {"at+jwt"})},
  };
}

}  // namespace

std::vector<Forgery> ForgedHeaders(const World& world) {
  std::vector<Forgery> all = Algorithms(world);
  for (auto& more : {KeyIds(world), Embedded(world), Extensions(world), Types(world)}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace veille::tokens
