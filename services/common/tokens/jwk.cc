#include "common/tokens/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/status/macros.h"
#include "common/tokens/base64url.h"
#include "common/tokens/p256.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;  // a check of more costs milliseconds
constexpr size_t kEd25519Bytes = 32;

absl::Status ForSomethingElse(const char* what) { return absl::UnimplementedError(what); }
absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

struct FreeKeyPart {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeKeyPart>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeKeyPart>;
using Params = std::unique_ptr<OSSL_PARAM, FreeKeyPart>;
using Number = std::unique_ptr<BIGNUM, FreeKeyPart>;
using Key = std::shared_ptr<EVP_PKEY>;

// Empty when absent or no text.
std::string TextOf(const json& jwk, const char* name) {
  const auto member = jwk.find(name);
  return member != jwk.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::string BytesOf(const json& jwk, const char* name) {
  return DecodeBase64Url(TextOf(jwk, name)).value_or("");
}

const unsigned char* Raw(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Null unless the parameters are a public key in which the numbers fit together.
Key PublicKey(const char* kind, const Builder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context making(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* raw = nullptr;
  if (params == nullptr || making == nullptr || EVP_PKEY_fromdata_init(making.get()) != 1 ||
      EVP_PKEY_fromdata(making.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  Key key(raw, EVP_PKEY_free);
  const Context checking(EVP_PKEY_CTX_new_from_pkey(nullptr, raw, nullptr));
  return EVP_PKEY_public_check(checking.get()) == 1 ? key : nullptr;
}

Key P256Key(const std::string& x, const std::string& y) {
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
  const std::string point = '\x04' + x + y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return PublicKey("EC", builder);
}

Key Ed25519Key(const std::string& x) {
  if (x.size() != kEd25519Bytes) return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Raw(x), x.size()),
             EVP_PKEY_free);
}

Key RsaKey(const std::string& modulus, const std::string& exponent) {
  const Number n(BN_bin2bn(Raw(modulus), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(Raw(exponent), static_cast<int>(exponent.size()), nullptr));
  const int bits = BN_num_bits(n.get());
  // Exponents below 65537 invite sloppy checks of the padding, greater ones cost time.
  const bool fits = bits >= kLeastRsaBits && bits <= kMostRsaBits && BN_is_odd(n.get()) &&
                    BN_is_odd(e.get()) && BN_num_bits(e.get()) >= 17 && BN_num_bits(e.get()) <= 32;
  if (!fits) return nullptr;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return PublicKey("RSA", builder);
}

// The one algorithm that this kind of key has here.
std::optional<Algorithm> AlgorithmOf(const json& jwk) {
  const std::string kind = TextOf(jwk, "kty");
  const std::string curve = TextOf(jwk, "crv");
  if (kind == "EC" && curve == "P-256") return Algorithm::kEs256;
  if (kind == "OKP" && curve == "Ed25519") return Algorithm::kEdDsa;
  if (kind == "RSA") return Algorithm::kRs256;
  return std::nullopt;
}

bool MayVerify(const json& jwk) {
  if (jwk.contains("use") && TextOf(jwk, "use") != "sig") return false;
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return true;
  return operations->is_array() &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

// Whoever can read a private or symmetric key in a key set can sign: it proves nothing any more.
bool IsSecret(const json& jwk) {
  if (TextOf(jwk, "kty") == "oct") return true;
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (jwk.contains(name)) return true;
  }
  return false;
}

Key MakeKey(const json& jwk, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kEs256:
      return P256Key(BytesOf(jwk, "x"), BytesOf(jwk, "y"));
    case Algorithm::kEdDsa:
      return Ed25519Key(BytesOf(jwk, "x"));
    case Algorithm::kRs256:
      return RsaKey(BytesOf(jwk, "n"), BytesOf(jwk, "e"));
  }
  return nullptr;
}

std::string MaterialOf(const json& jwk, Algorithm algorithm) {
  std::string material(NameOf(algorithm));
  for (const char* name : {"x", "y", "n", "e"}) material.append(".").append(TextOf(jwk, name));
  return material;
}

}  // namespace

absl::StatusOr<VerificationKey> ReadJwk(const json& jwk) {
  if (!jwk.is_object()) return Wrong("it is no object");
  if (IsSecret(jwk)) return Wrong("it is a private or symmetric key");
  const auto algorithm = AlgorithmOf(jwk);
  if (!algorithm.has_value()) return ForSomethingElse("it is of another kind or curve");
  if (!MayVerify(jwk)) return ForSomethingElse("it is not for checking signatures");
  if (jwk.contains("alg") && TextOf(jwk, "alg") != NameOf(*algorithm)) {
    return ForSomethingElse("it is for another algorithm");
  }
  std::string kid = TextOf(jwk, "kid");
  if (kid.empty() || kid.size() > kLongestKid) {
    return ForSomethingElse("it has no key id, or one of more than 200 bytes");
  }
  Key key = MakeKey(jwk, *algorithm);
  if (key == nullptr) return Wrong("its numbers are no key, or one that is too weak");
  return VerificationKey{std::move(kid), *algorithm, std::move(key), MaterialOf(jwk, *algorithm)};
}

}  // namespace veille::tokens
