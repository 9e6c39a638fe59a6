// Signatures that are not what the key made of this text.

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <memory>

#include "common/tokens/base64url.h"
#include "common/tokens/p256.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

std::string SignatureOf(const std::string& token) {
  return DecodeBase64Url(PartsOf(token)[2]).value();
}

std::string WithSignature(const std::string& token, const std::string& signature) {
  const auto parts = PartsOf(token);
  return Joined({parts[0], parts[1], EncodeBase64Url(signature)});
}

// Numbers of 32 bytes, most significant first.
std::string Difference(std::string_view more, std::string_view less) {
  std::string result(more);
  int borrow = 0;
  for (size_t i = result.size(); i-- > 0;) {
    int digit = static_cast<unsigned char>(more[i]) - static_cast<unsigned char>(less[i]) - borrow;
    borrow = digit < 0 ? 1 : 0;
    result[i] = static_cast<char>(digit + 256 * borrow);
  }
  return result;
}

// The other signature that the same key makes of the same text.
std::string HighTwin(const std::string& signature) {
  return signature.substr(0, 32) + Difference(kP256Order, signature.substr(32));
}

// The same with Ed25519: S + L holds as well, unless S is required to be below L.
std::string PlusOrder(std::string signature) {
  constexpr std::string_view kOrder =
      "\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10"sv;
  int carry = 0;
  for (size_t i = 0; i < kOrder.size(); ++i) {
    const int sum = static_cast<unsigned char>(signature[32 + i]) +
                    static_cast<unsigned char>(kOrder[i]) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }
  return signature;
}

std::string Der(const std::string& signature) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> both(ECDSA_SIG_new(), ECDSA_SIG_free);
  ECDSA_SIG_set0(both.get(), BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  std::string text(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string Flipped(std::string signature, size_t at) {
  signature[at] = static_cast<char>(signature[at] ^ 1);
  return signature;
}

std::vector<Forgery> OnTheCurve(const World& world) {
  const auto bad = Refusal::kBadSignature;
  const std::string good = GoodToken(world, Algorithm::kEs256);
  const std::string signature = SignatureOf(good);
  const std::string zero(32, '\0'), order(kP256Order);
  return {
      {"the greater s", Refusal::kHighSignature, WithSignature(good, HighTwin(signature))},
      {"one bit of r", bad, WithSignature(good, Flipped(signature, 3))},
      {"one bit of s", bad, WithSignature(good, Flipped(signature, 63))},
      {"r and s are 0", bad, WithSignature(good, zero + zero)},
      {"r is 0", bad, WithSignature(good, zero + signature.substr(32))},
      {"s is 0", bad, WithSignature(good, signature.substr(0, 32) + zero)},
      {"r is the order", bad, WithSignature(good, order + signature.substr(32))},
      {"s is the order", bad, WithSignature(good, signature.substr(0, 32) + order)},
      {"r and s are the greatest", bad, WithSignature(good, std::string(64, '\xff'))},
      {"r and s are 1", bad, WithSignature(good, zero.substr(1) + '\1' + zero.substr(1) + '\1')},
      {"r and s exchanged", bad,
       WithSignature(good, signature.substr(32) + signature.substr(0, 32))},
      {"in DER", bad, WithSignature(good, Der(signature))},
      {"r and s of 33 bytes", bad,
       WithSignature(good, '\0' + signature.substr(0, 32) + '\0' + signature.substr(32))},
      {"a zero before s", bad,
       WithSignature(good, signature.substr(0, 32) + '\0' + signature.substr(32))},
      {"a byte too many", bad, WithSignature(good, signature + '\0')},
      {"of 96 bytes", bad, WithSignature(good, signature + zero)},
  };
}

std::vector<Forgery> OfOthers(const World& world) {
  const auto bad = Refusal::kBadSignature;
  const std::string edwards = GoodToken(world, Algorithm::kEdDsa);
  const std::string rsa = GoodToken(world, Algorithm::kRs256);
  const std::string of_edwards = SignatureOf(edwards), of_rsa = SignatureOf(rsa);
  return {
      {"Ed25519: S plus the order", bad, WithSignature(edwards, PlusOrder(of_edwards))},
      {"Ed25519: one bit", bad, WithSignature(edwards, Flipped(of_edwards, 40))},
      {"Ed25519: zeros", bad, WithSignature(edwards, std::string(64, '\0'))},
      {"Ed25519: cut", bad, WithSignature(edwards, of_edwards.substr(0, 63))},
      {"Ed25519: longer", bad, WithSignature(edwards, of_edwards + '\0')},
      {"RSA: one bit", bad, WithSignature(rsa, Flipped(of_rsa, 100))},
      {"RSA: zeros", bad, WithSignature(rsa, std::string(256, '\0'))},
      {"RSA: one", bad, WithSignature(rsa, std::string(255, '\0') + '\1')},
      {"RSA: a zero before", bad, WithSignature(rsa, '\0' + of_rsa)},
      {"RSA: cut", bad, WithSignature(rsa, of_rsa.substr(1))},
      {"RSA: the greatest", bad, WithSignature(rsa, std::string(256, '\xff'))},
  };
}

// Good parts of several tokens, put together.
std::vector<Forgery> Mixed(const World& world) {
  const auto bad = Refusal::kBadSignature;
  const SigningKey& key = KeyFor(Algorithm::kEs256);
  json more = GoodClaims(world.now);
  more["veille_roles"] = {"volunteer", "dpo"};
  json later = GoodClaims(world.now);
  later["exp"] = absl::ToUnixSeconds(world.now + absl::Hours(11));
  json others = GoodClaims(world.now);
  others["iss"] = kOtherIssuer;
  const std::string ours = GoodToken(world, Algorithm::kEs256);
  const auto parts = PartsOf(ours);
  const auto with_claims = [&](const json& claims) {
    return Joined({parts[0], EncodeBase64Url(claims.dump()), parts[2]});
  };
  const std::string spaced = GoodHeader(key).dump(1);
  return {
      {"with a role added", bad, with_claims(more)},
      {"with a later end", bad, with_claims(later)},
      {"with another issuer", bad, with_claims(others)},
      {"with the header written otherwise", bad,
       Joined({EncodeBase64Url(spaced), parts[1], parts[2]})},
      {"with the signature of another", bad,
       Joined({parts[0], parts[1], PartsOf(Signed(key, GoodHeader(key), more))[2]})},
      {"signed by us for the other provider", bad, Signed(key, GoodHeader(key), others)},
      {"signed by the other provider for us", bad,
       Signed(StrangersKey(), GoodHeader(key), GoodClaims(world.now))},
  };
}

}  // namespace

std::vector<Forgery> ForgedSignatures(const World& world) {
  std::vector<Forgery> all = OnTheCurve(world);
  for (auto& more : {OfOthers(world), Mixed(world)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace veille::tokens
