#pragma once

// Text from outside, as bytes.

#include <cstdint>
#include <string_view>

namespace veille::rpc {

// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool IsUtf8(std::string_view text);

// Of text that is UTF-8.
int64_t Characters(std::string_view utf8);
// Line ends, escapes and the like: what a terminal would obey.
bool HasControls(std::string_view utf8);

}  // namespace veille::rpc
