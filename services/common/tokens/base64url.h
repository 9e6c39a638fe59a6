#pragma once

// Base64 with the URL alphabet and without padding (RFC 7515, section 2). One text per value: what
// has padding, another alphabet, white space, or bits that nothing stands for is refused, or else a
// signed part could be written in several ways.

#include <optional>
#include <string>
#include <string_view>

namespace veille::tokens {

std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace veille::tokens
