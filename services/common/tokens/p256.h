#pragma once

// Numbers of the curve P-256 (FIPS 186-5), as 32 bytes, most significant first.

#include <string_view>

namespace veille::tokens {

using std::string_view_literals::operator""sv;

inline constexpr size_t kP256Bytes = 32;

// The order of the group.
inline constexpr std::string_view kP256Order =
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv;

// Half of it, rounded down. With r and s, r and order - s are a signature of the same text too: the
// one with the greater s is called high.
inline constexpr std::string_view kP256HalfOrder =
    "\x7f\xff\xff\xff\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff"
    "\xde\x73\x7d\x56\xd3\x8b\xcf\x42\x79\xdc\xe5\x61\x7e\x31\x92\xa8"sv;

static_assert(kP256Order.size() == kP256Bytes && kP256HalfOrder.size() == kP256Bytes);

}  // namespace veille::tokens
