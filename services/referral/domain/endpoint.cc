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

}  // namespace

bool IsLoopbackTarget(std::string_view target) {
  const std::string host = HostOf(target);
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address = {};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

}  // namespace veille::referral
