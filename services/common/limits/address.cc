#include "common/limits/address.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/str_replace.h"

namespace veille::limits {
namespace {

constexpr std::string_view kIpv4 = "ipv4:";
constexpr std::string_view kIpv6 = "ipv6:";

// The address without scheme, brackets, zone and port.
std::string AddressIn(std::string_view peer) {
  const bool with_port = peer.starts_with(kIpv4) || peer.starts_with(kIpv6);
  if (with_port) peer.remove_prefix(kIpv4.size());
  std::string text = absl::StrReplaceAll(std::string(peer), {{"%5B", "["}, {"%5D", "]"}});
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (with_port) {
    text = text.substr(0, text.rfind(':'));
  }
  return text.substr(0, text.find('%'));
}

}  // namespace

uint64_t AddressKey(std::string_view peer) {
  const std::string text = AddressIn(peer);
  std::array<unsigned char, 16> bytes{};
  constexpr size_t kNetwork = 8;
  constexpr size_t kMapped = 12;  // ::ffff:192.0.2.1, an IPv4 client of a socket for both
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + kMapped) != 1) {
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return absl::HashOf(peer);
    constexpr std::array<unsigned char, kMapped> kPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
    if (std::memcmp(bytes.data(), kPrefix.data(), kMapped) != 0) {
      return absl::HashOf(std::string_view(reinterpret_cast<const char*>(bytes.data()), kNetwork));
    }
  }
  return absl::HashOf(
      std::string_view(reinterpret_cast<const char*>(bytes.data() + kMapped), sizeof(in_addr)));
}

}  // namespace veille::limits
