#include "common/config/address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace veille::config {
namespace {

bool IsLoopback(const std::string& host) {
  in_addr four = {};
  in6_addr six = {};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return absl::EqualsIgnoreCase(host, "localhost");
}

}  // namespace

// An address of IPv6 without brackets has no port.
std::string HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return "";
  const std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    return host.substr(1, host.size() - 2);
  }
  return host.find(':') == std::string::npos ? host : "";
}

int PortOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || absl::StartsWith(address, "unix:")) return -1;
  const std::string digits = address.substr(colon + 1);
  int port = -1;
  const bool only_digits = std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
  if (!only_digits || !absl::SimpleAtoi(digits, &port) || port > 65535) return -1;
  return port;
}

std::string ReachableHere(const std::string& address) {
  const std::string host = HostOf(address);
  if (host != "0.0.0.0" && host != "::") return address;
  return "localhost" + address.substr(address.rfind(':'));
}

absl::Status CheckAddress(std::string_view option, const std::string& address) {
  if (absl::StartsWith(address, "unix:") && address.size() > 5) return absl::OkStatus();
  if (!HostOf(address).empty() && PortOf(address) >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(option) + ": '" + address +
                                    "' is not HOST:PORT, [IPv6]:PORT or unix:PATH");
}

absl::Status CheckLoopback(std::string_view option, const std::string& address) {
  absl::Status written = CheckAddress(option, address);
  if (!written.ok()) return written;
  if (absl::StartsWith(address, "unix:") || IsLoopback(HostOf(address))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      std::string(option) + ": '" + address +
      "' is not of this machine, and without TLS personal data would cross the network in clear; "
      "use 127.0.0.1:PORT, [::1]:PORT, localhost:PORT or unix:PATH");
}

absl::Status CheckAdminAddress(const std::string& address, bool beyond_loopback) {
  const std::string host = HostOf(address);
  if (host.empty() || PortOf(address) < 0) {
    return absl::InvalidArgumentError("--admin-listen: '" + address +
                                      "' is not HOST:PORT or [IPv6]:PORT");
  }
  if (beyond_loopback || IsLoopback(host)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "--admin-listen: '" + address +
      "' is not of this machine. Add --admin-beyond-loopback if your network may see the figures");
}

}  // namespace veille::config
