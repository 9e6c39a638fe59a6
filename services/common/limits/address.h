#pragma once

// Where a call comes from, as far as a limit can tell clients apart.

#include <cstdint>
#include <string_view>

namespace veille::limits {

// The same for every port of one IPv4 address, and for every address of one IPv6 network (/64):
// whoever has one has them all. Takes what gRPC says ("ipv4:192.0.2.1:4711",
// "ipv6:%5B2001:db8::1%5D:4711") and a mere address ("192.0.2.1", "2001:db8::1"); what is neither
// is a client of its own. Spread over 64 bits; another in each process.
uint64_t AddressKey(std::string_view peer);

}  // namespace veille::limits
