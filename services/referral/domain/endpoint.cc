#include "referral/domain/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace veille::referral {
namespace {

bool IsPort(const std::string& text) {
  int port = 0;
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

// Empty for what is not HOST:PORT.
std::string HostOf(std::string_view target) {
  const size_t colon = target.rfind(':');
  if (colon == std::string_view::npos || !IsPort(std::string(target.substr(colon + 1)))) return "";
  return std::string(target.substr(0, colon));
}

// gRPC reads what stands before a colon as the scheme of a URI where it knows one of that name.
bool IsScheme(const std::string& host) {
  constexpr std::string_view kSchemes[] = {
      "dns",   "ipv4", "ipv6",       "unix", "unix-abstract",
      "vsock", "xds",  "google-c2p", "fake", "google-c2p-experimental"};
  const std::string lower = absl::AsciiStrToLower(host);
  return std::find(std::begin(kSchemes), std::end(kSchemes), lower) != std::end(kSchemes);
}

bool IsHostName(const std::string& host) {
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-'; });
}

bool IsBracketedIpv6(const std::string& host) {
  in6_addr address = {};
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
}

}  // namespace

bool IsTlsTarget(std::string_view target) {
  const std::string host = HostOf(target);
  return (IsHostName(host) && !IsScheme(host)) || IsBracketedIpv6(host);
}

bool IsLoopbackTarget(std::string_view target) {
  const std::string host = HostOf(target);
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address = {};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

}  // namespace veille::referral
