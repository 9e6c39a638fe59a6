#pragma once

// A token taken apart (RFC 7515, compact form), before anything in it is believed.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/tokens/refusal.h"

namespace veille::tokens {

inline constexpr size_t kLongestToken = 8 * 1024;

struct TokenText {
  std::string_view signed_text;  // header and claims as they came: points into the token
  std::string type;              // `typ` in lower case without "application/"
  std::string algorithm;         // ES256, EdDSA or RS256
  std::string kid;
  nlohmann::json claims;  // an object
  std::string signature;
};

// kNone and the parts, or why it is no token. A header that names or brings a key of its own, or
// something critical, is refused; other members that are not known are passed over.
Refusal ReadTokenText(std::string_view token, TokenText& parts);

}  // namespace veille::tokens
