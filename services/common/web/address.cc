#include "common/web/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace veille::web {
namespace {

bool BitOf(const Address& address, int bit) {
  return (address.bytes()[bit / 8] >> (7 - bit % 8) & 1) == 1;
}

}  // namespace

std::optional<Address> Address::Parse(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes_.data()) == 1) return address;
  address.is_v6_ = true;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<Address> Address::FromSocket(const sockaddr& address) {
  Address read;
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    std::memcpy(read.bytes_.data(), &v4.sin_addr, 4);
    return read;
  }
  if (address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    read.is_v6_ = true;
    std::memcpy(read.bytes_.data(), &v6.sin6_addr, 16);
    return read;
  }
  return std::nullopt;
}

std::string Address::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text, sizeof(text));
  return text;
}

std::optional<Network> Network::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<Address> first = Address::Parse(std::string(text.substr(0, slash)));
  const std::string length(text.substr(slash + 1));
  int bits = 0;
  if (!first.has_value() || !std::all_of(length.begin(), length.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(length, &bits) || bits > (first->is_v6() ? 128 : 32)) {
    return std::nullopt;
  }
  for (int bit = bits; bit < 128; ++bit) {
    if (BitOf(*first, bit)) return std::nullopt;
  }
  return Network(*first, bits);
}

bool Network::Contains(const Address& address) const {
  if (address.is_v6() != first_.is_v6()) return false;
  for (int bit = 0; bit < bits_; ++bit) {
    if (BitOf(address, bit) != BitOf(first_, bit)) return false;
  }
  return true;
}

}  // namespace veille::web
