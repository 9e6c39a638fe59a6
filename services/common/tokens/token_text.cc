#include "common/tokens/token_text.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "common/tokens/algorithm.h"
#include "common/tokens/base64url.h"
#include "common/tokens/jwk.h"
#include "common/tokens/strict_json.h"

namespace veille::tokens {
namespace {

using nlohmann::json;

Refusal ReadObject(std::string_view part, json& object) {
  const auto text = DecodeBase64Url(part);
  if (!text.has_value()) return Refusal::kBadEncoding;
  JsonProblem problem;
  auto parsed = ParseStrictJson(*text, &problem);
  if (!parsed.has_value()) {
    if (problem.kind == JsonProblem::kDuplicateMember) return Refusal::kDuplicateMember;
    if (problem.kind == JsonProblem::kTooDeep) return Refusal::kTooDeep;
    return Refusal::kBadJson;
  }
  if (!parsed->is_object()) return Refusal::kBadJson;
  object = *std::move(parsed);
  return Refusal::kNone;
}

// Empty when absent or no text.
std::string HeaderText(const json& header, const char* name) {
  const auto member = header.find(name);
  return member != header.end() && member->is_string() ? member->get<std::string>() : std::string();
}

bool IsKnownAlgorithm(std::string_view name) {
  return name == NameOf(Algorithm::kEs256) || name == NameOf(Algorithm::kEdDsa) ||
         name == NameOf(Algorithm::kRs256);
}

// x5t and x5t#S256 only name a certificate, and some providers send them.
Refusal ReadHeader(const json& header, TokenText& parts) {
  if (header.contains("crit")) return Refusal::kCritical;
  for (const char* name : {"jwk", "jku", "x5u", "x5c"}) {
    if (header.contains(name)) return Refusal::kEmbeddedKey;
  }
  parts.algorithm = HeaderText(header, "alg");
  if (!IsKnownAlgorithm(parts.algorithm)) return Refusal::kWrongAlgorithm;
  parts.type = absl::AsciiStrToLower(HeaderText(header, "typ"));
  parts.type = std::string(absl::StripPrefix(parts.type, "application/"));
  if (parts.type.empty()) return Refusal::kWrongType;
  parts.kid = HeaderText(header, "kid");
  const bool has_kid = !parts.kid.empty() && parts.kid.size() <= kLongestKid;
  return has_kid ? Refusal::kNone : Refusal::kNoKeyId;
}

}  // namespace

Refusal ReadTokenText(std::string_view token, TokenText& parts) {
  if (token.size() > kLongestToken) return Refusal::kTooLong;
  const size_t first = token.find('.');
  const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return Refusal::kNotThreeParts;
  }
  json header;
  if (const Refusal refusal = ReadObject(token.substr(0, first), header);
      refusal != Refusal::kNone) {
    return refusal;
  }
  if (const Refusal refusal = ReadHeader(header, parts); refusal != Refusal::kNone) return refusal;
  auto signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature.has_value()) return Refusal::kBadEncoding;
  parts.signature = *std::move(signature);
  parts.signed_text = token.substr(0, second);
  return ReadObject(token.substr(first + 1, second - first - 1), parts.claims);
}

}  // namespace veille::tokens
