// Texts that are no token, or a token written in another way.

#include "common/tokens/base64url.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

const SigningKey& Key() { return KeyFor(Algorithm::kEs256); }

// Well signed, whatever the header and the claims are.
std::string WithHeader(const World& world, const std::string& header) {
  return MintText(Key(), header, GoodClaims(world.now).dump()).value();
}
std::string WithClaims(const std::string& claims) {
  return MintText(Key(), GoodHeader(Key()).dump(), claims).value();
}

// A part whose last character has a bit set that stands for nothing.
std::string NotCanonical(std::string part) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  part.back() = kAlphabet[kAlphabet.find(part.back()) | 1];
  return part;
}

// Claims in so many bytes that some bits of their last character stand for nothing.
std::string RaggedClaims(const World& world) {
  json claims = GoodClaims(world.now);
  claims["pad"] = "";
  while (claims.dump().size() % 3 == 0) claims["pad"] = claims["pad"].get<std::string>() + "x";
  return claims.dump();
}

// A good token whose signature has a character that the two alphabets write differently.
std::string TokenWith(const World& world, char character) {
  while (true) {
    std::string token = GoodToken(world, Algorithm::kEs256);
    if (PartsOf(token)[2].find(character) != std::string::npos) return token;
  }
}

std::string Replaced(std::string token, char from, char to) {
  const size_t signature = token.rfind('.');
  token[token.find(from, signature)] = to;
  return token;
}

std::vector<Forgery> Parts(const World& world) {
  const std::string good = GoodToken(world, Algorithm::kEs256);
  const auto parts = PartsOf(good);
  json long_claims = GoodClaims(world.now);
  long_claims["pad"] = std::string(7000, 'x');
  return {
      {"nothing", Refusal::kNotThreeParts, ""},
      {"one part", Refusal::kNotThreeParts, parts[0]},
      {"two parts", Refusal::kNotThreeParts, parts[0] + "." + parts[1]},
      {"a fourth part", Refusal::kNotThreeParts, good + "." + parts[2]},
      {"a dot at the end", Refusal::kNotThreeParts, good + "."},
      {"five parts, as if it were encrypted", Refusal::kNotThreeParts,
       good + "." + parts[0] + "." + parts[1]},
      {"only dots", Refusal::kBadJson, ".."},
      {"no header", Refusal::kBadJson, "." + parts[1] + "." + parts[2]},
      {"no claims", Refusal::kBadJson, parts[0] + ".." + parts[2]},
      {"no signature", Refusal::kBadSignature, parts[0] + "." + parts[1] + "."},
      {"1 MB", Refusal::kTooLong, std::string(1 << 20, 'a')},
      {"1 MB of dots", Refusal::kTooLong, std::string(1 << 20, '.')},
      {"well signed, and longer than 8 kB", Refusal::kTooLong,
       Signed(Key(), GoodHeader(Key()), long_claims)},
      {"with its scheme", Refusal::kBadEncoding, "Bearer " + good},
  };
}

std::vector<Forgery> Encodings(const World& world) {
  const std::string good = GoodToken(world, Algorithm::kEs256);
  const auto parts = PartsOf(good);
  const auto ragged = PartsOf(WithClaims(RaggedClaims(world)));
  std::string broken = good;
  broken.insert(good.size() / 2, "\n");
  return {
      {"cut by a character", Refusal::kBadEncoding, good.substr(0, good.size() - 1)},
      {"cut by two", Refusal::kBadSignature, good.substr(0, good.size() - 2)},
      {"claims cut", Refusal::kBadJson, Joined({parts[0], parts[1].substr(0, 40), parts[2]})},
      {"padding behind the signature", Refusal::kBadEncoding, good + "=="},
      {"padding behind the claims", Refusal::kBadEncoding,
       Joined({ragged[0], ragged[1] + "=", ragged[2]})},
      {"the other alphabet's plus", Refusal::kBadEncoding,
       Replaced(TokenWith(world, '-'), '-', '+')},
      {"the other alphabet's slash", Refusal::kBadEncoding,
       Replaced(TokenWith(world, '_'), '_', '/')},
      {"signature that is not canonical", Refusal::kBadEncoding,
       Joined({parts[0], parts[1], NotCanonical(parts[2])})},
      {"claims that are not canonical", Refusal::kBadEncoding,
       Joined({ragged[0], NotCanonical(ragged[1]), ragged[2]})},
      {"a line break within", Refusal::kBadEncoding, broken},
      {"a line break at the end", Refusal::kBadEncoding, good + "\n"},
      {"a blank before", Refusal::kBadEncoding, " " + good},
      {"a NUL at the end", Refusal::kBadEncoding, good + std::string(1, '\0')},
      {"a letter that looks the same", Refusal::kBadEncoding, "\xd0\xb5" + good.substr(1)},
  };
}

std::vector<Forgery> Json(const World& world) {
  const std::string header = GoodHeader(Key()).dump();
  const std::string claims = GoodClaims(world.now).dump();
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  return {
      {"header that is no JSON", Refusal::kBadJson, WithHeader(world, "at+jwt")},
      {"header that is an array", Refusal::kBadJson, WithHeader(world, "[" + header + "]")},
      {"header that is null", Refusal::kBadJson, WithHeader(world, "null")},
      {"header with a byte order mark", Refusal::kBadJson,
       WithHeader(world, "\xef\xbb\xbf" + header)},
      {"header with something behind", Refusal::kBadJson, WithHeader(world, header + "{}")},
      {"header with a NUL behind", Refusal::kBadJson,
       WithHeader(world, header + std::string(1, '\0') + "{}")},
      {"header with a comment", Refusal::kBadJson, WithHeader(world, "/**/" + header)},
      {"header that is not UTF-8", Refusal::kBadJson,
       WithHeader(world, R"({"alg":"ES256","kid":"ES256","typ":"at+jwt","x":")"
                         "\xc0\xaf\"}")},
      {"claims that are no JSON", Refusal::kBadJson, WithClaims("sub=somebody")},
      {"claims that are an array", Refusal::kBadJson, WithClaims("[" + claims + "]")},
      {"claims that are a text", Refusal::kBadJson, WithClaims("\"volunteer\"")},
      {"claims with a comma too many", Refusal::kBadJson,
       WithClaims(claims.substr(0, claims.size() - 1) + ",}")},
      {"claims with a number beyond all", Refusal::kBadJson,
       WithClaims(R"({"exp":1e999,)" + claims.substr(1))},
      {"claims nested too deeply", Refusal::kTooDeep,
       WithClaims("{\"x\":" + deep + "," + claims.substr(1))},
      {"two algorithms", Refusal::kDuplicateMember,
       WithHeader(world, R"({"alg":"none",)" + header.substr(1))},
      {"two algorithms, one of them escaped", Refusal::kDuplicateMember,
       WithHeader(world, R"({"al\u0067":"none",)" + header.substr(1))},
      {"two persons", Refusal::kDuplicateMember,
       WithClaims(R"({"sub":"somebody-else",)" + claims.substr(1))},
      {"two ends", Refusal::kDuplicateMember,
       WithClaims(R"({"exp":9999999999,)" + claims.substr(1))},
      {"two of a kind further down", Refusal::kDuplicateMember,
       WithClaims(R"({"realm_access":{"roles":["dpo"],"roles":[]},)" + claims.substr(1))},
  };
}

}  // namespace

std::vector<Forgery> ForgedTexts(const World& world) {
  std::vector<Forgery> all = Parts(world);
  for (auto& more : {Encodings(world), Json(world)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace veille::tokens
