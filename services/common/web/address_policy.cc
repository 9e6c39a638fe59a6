#include "common/web/address_policy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace veille::web {
namespace {

struct SpecialRange {
  Network network;
  std::string kind;  // behind "leads to "
};

SpecialRange Special(const char* network, const char* kind) {
  return {Network::Parse(network).value(), kind};
}

// The IANA registries of special-purpose IPv4 and IPv6 addresses, and the addresses at which clouds
// answer their machines. The first that fits names the kind.
const std::vector<SpecialRange>& SpecialRanges() {
  static const auto& ranges = *new std::vector<SpecialRange>{
      Special("169.254.169.254/32", "a cloud's metadata"),
      Special("169.254.170.2/32", "a cloud's metadata"),
      Special("100.100.100.200/32", "a cloud's metadata"),
      Special("168.63.129.16/32", "a cloud's metadata"),
      Special("192.0.0.192/32", "a cloud's metadata"),
      Special("fd00:ec2::254/128", "a cloud's metadata"),
      Special("fd20:ce::254/128", "a cloud's metadata"),
      Special("0.0.0.0/8", "an unspecified address"),
      Special("10.0.0.0/8", "a private network"),
      Special("100.64.0.0/10", "a network shared by customers of a provider"),
      Special("127.0.0.0/8", "a loopback address"),
      Special("169.254.0.0/16", "a link-local address"),
      Special("172.16.0.0/12", "a private network"),
      Special("192.0.0.0/24", "a range for protocols"),
      Special("192.0.2.0/24", "a range for documentation"),
      Special("192.31.196.0/24", "a range for AS112"),
      Special("192.52.193.0/24", "a range for AMT"),
      Special("192.88.99.0/24", "a 6to4 relay"),
      Special("192.168.0.0/16", "a private network"),
      Special("192.175.48.0/24", "a range for AS112"),
      Special("198.18.0.0/15", "a range for benchmarks"),
      Special("198.51.100.0/24", "a range for documentation"),
      Special("203.0.113.0/24", "a range for documentation"),
      Special("224.0.0.0/4", "a multicast address"),
      Special("255.255.255.255/32", "a broadcast address"),
      Special("240.0.0.0/4", "a reserved range"),
      Special("::/128", "an unspecified address"),
      Special("::1/128", "a loopback address"),
      Special("::ffff:0:0/96", "an IPv4 address in IPv6"),
      Special("::ffff:0:0:0/96", "an IPv4 address in IPv6"),
      Special("::/96", "an IPv4 address in IPv6"),
      Special("64:ff9b::/96", "a NAT64 address"),
      Special("64:ff9b:1::/48", "a NAT64 address"),
      Special("100::/64", "an address that discards"),
      Special("2001::/32", "a Teredo address"),
      Special("2001:2::/48", "a range for benchmarks"),
      Special("2001::/23", "a range for protocols"),
      Special("2001:db8::/32", "a range for documentation"),
      Special("2002::/16", "a 6to4 address"),
      Special("2620:4f:8000::/48", "a range for AS112"),
      Special("3fff::/20", "a range for documentation"),
      Special("3ffe::/16", "a range of the 6bone"),
      Special("5f00::/16", "a range for segment routing"),
      Special("fc00::/7", "a private network"),
      Special("fe80::/10", "a link-local address"),
      Special("fec0::/10", "a site-local address"),
      Special("ff00::/8", "a multicast address"),
  };
  return ranges;
}

bool IsUnicastOfTheInternet(const Address& address) {
  static const Network kUnicast = Network::Parse("2000::/3").value();
  return !address.is_v6() || kUnicast.Contains(address);
}

// ISATAP (RFC 5214): an IPv4 address in the lower half, whatever the upper half is.
bool HoldsIpv4(const Address& address) {
  const auto& bytes = address.bytes();
  return address.is_v6() && (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e &&
         bytes[11] == 0xfe;
}

absl::Status Refused(const std::string& kind) {
  return absl::PermissionDeniedError(absl::StrCat("leads to ", kind));
}

std::optional<int> PortFrom(const std::string& text) {
  int port = 0;
  const bool is_number = std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
                         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
  return is_number ? std::optional(port) : std::nullopt;
}

absl::StatusOr<PortRange> RangeFrom(const std::string& text) {
  const size_t dash = text.find('-');
  const auto first = PortFrom(text.substr(0, dash));
  const auto last = dash == std::string::npos ? first : PortFrom(text.substr(dash + 1));
  if (!first.has_value() || !last.has_value() || *first > *last) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not PORT or PORT-PORT"));
  }
  return PortRange{*first, *last};
}

std::vector<std::string> PartsOf(const std::string& list) {
  if (list.empty()) return {};
  std::vector<std::string> parts = absl::StrSplit(list, ',');
  for (std::string& part : parts) absl::StripAsciiWhitespace(&part);
  return parts;
}

}  // namespace

absl::StatusOr<AddressPolicy> AddressPolicy::Parse(const std::string& networks,
                                                   const std::string& ports) {
  std::vector<Network> named;
  for (const std::string& part : PartsOf(networks)) {
    const std::optional<Network> network = Network::Parse(part);
    if (!network.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", part, "' is not a network such as 10.1.0.0/16"));
    }
    named.push_back(*network);
  }
  std::vector<PortRange> ranges;
  for (const std::string& part : PartsOf(ports)) {
    ASSIGN_OR_RETURN(const PortRange range, RangeFrom(part));
    ranges.push_back(range);
  }
  return AddressPolicy(std::move(named), std::move(ranges));
}

absl::Status AddressPolicy::Check(const Address& address) const {
  for (const Network& network : named_) {
    if (network.Contains(address)) return absl::OkStatus();
  }
  for (const SpecialRange& range : SpecialRanges()) {
    if (range.network.Contains(address)) return Refused(range.kind);
  }
  if (HoldsIpv4(address)) return Refused("an IPv4 address in IPv6");
  if (!IsUnicastOfTheInternet(address)) return Refused("an address outside the internet");
  return absl::OkStatus();
}

absl::Status AddressPolicy::CheckAll(const std::vector<Address>& addresses) const {
  if (addresses.empty()) return absl::UnavailableError("the name has no address");
  for (const Address& address : addresses) RETURN_IF_ERROR(Check(address));
  return absl::OkStatus();
}

bool AddressPolicy::AllowsPort(int port) const {
  return std::any_of(ports_.begin(), ports_.end(), [port](const PortRange& range) {
    return range.first <= port && port <= range.last;
  });
}

}  // namespace veille::web
