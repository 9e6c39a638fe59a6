#include "common/web/target.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"

namespace veille::web {
namespace {

constexpr char kScheme[] = "https://";

absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

// What RFC 3986 lets stand in a path or a query.
bool IsPathCharacter(char c) {
  return absl::ascii_isalnum(c) || absl::StrContains("/-._~!$&'()*+,;=:@%?", std::string(1, c));
}

bool IsLabel(const std::string& label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

// What some resolvers read as a number of an address: 017, 0x7f, 2130706433.
bool LooksLikeNumber(const std::string& label) {
  return std::all_of(label.begin(), label.end(), absl::ascii_isdigit) ||
         (label.size() >= 2 && label[0] == '0' && label[1] == 'x' &&
          std::all_of(label.begin() + 2, label.end(), absl::ascii_isxdigit));
}

absl::Status CheckName(const std::string& host) {
  if (host.size() > 253) return Wrong("its host is too long");
  const std::vector<std::string> labels = absl::StrSplit(host, '.');
  if (!std::all_of(labels.begin(), labels.end(), IsLabel)) {
    return Wrong("its host is not a name of letters, digits and hyphens, nor an address");
  }
  if (LooksLikeNumber(labels.back())) {
    return Wrong("its host is a number; an IPv4 address has four decimal parts");
  }
  return absl::OkStatus();
}

absl::Status ReadHost(const std::string& text, Target& target) {
  if (absl::StartsWith(text, "[")) {
    if (!absl::EndsWith(text, "]")) return Wrong("its brackets do not close");
    target.host = absl::AsciiStrToLower(text.substr(1, text.size() - 2));
    target.literal = Address::Parse(target.host);
    const bool is_v6 = target.literal.has_value() && target.literal->is_v6();
    return is_v6 ? absl::OkStatus() : Wrong("what stands in brackets is not an IPv6 address");
  }
  target.host = absl::AsciiStrToLower(text);
  target.literal = Address::Parse(target.host);
  if (!target.literal.has_value()) return CheckName(target.host);
  return target.literal->is_v6() ? Wrong("an IPv6 address stands in brackets") : absl::OkStatus();
}

absl::Status ReadPort(const std::string& text, Target& target) {
  const bool is_number = !text.empty() && text.size() <= 5 && text.front() != '0' &&
                         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
                         absl::SimpleAtoi(text, &target.port);
  return is_number && target.port <= 65535 ? absl::OkStatus() : Wrong("its port is not a number");
}

absl::Status ReadAuthority(const std::string& authority, Target& target) {
  if (absl::StrContains(authority, "@")) return Wrong("it must not name a user");
  const size_t closed = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string::npos && (closed == std::string::npos || colon > closed);
  if (has_port) RETURN_IF_ERROR(ReadPort(authority.substr(colon + 1), target));
  return ReadHost(has_port ? authority.substr(0, colon) : authority, target);
}

}  // namespace

std::string Target::ToUrl() const {
  const bool is_v6 = literal.has_value() && literal->is_v6();
  return absl::StrCat(kScheme, is_v6 ? absl::StrCat("[", host, "]") : host, ":", port, path);
}

absl::StatusOr<Target> ParseTarget(const std::string& url) {
  if (url.size() > kLongestUrl) return Wrong("it is longer than 500 characters");
  if (!absl::StartsWithIgnoreCase(url, kScheme)) return Wrong("it does not begin with https://");
  const std::string rest = url.substr(sizeof(kScheme) - 1);
  const size_t end = std::min(rest.find_first_of("/?#\\"), rest.size());
  Target target;
  target.path = rest.substr(end);
  if (!std::all_of(target.path.begin(), target.path.end(), IsPathCharacter)) {
    return Wrong("it has a fragment, or a character that must be percent-encoded");
  }
  if (!absl::StartsWith(target.path, "/")) target.path.insert(0, "/");
  RETURN_IF_ERROR(ReadAuthority(rest.substr(0, end), target));
  return target;
}

absl::StatusOr<Target> ParseHostAndPort(const std::string& text) {
  const size_t colon = text.rfind(':');
  const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
  if (!has_port || text.find_first_of("/?#\\") != std::string::npos) {
    return Wrong("it is not HOST:PORT or [IPv6]:PORT");
  }
  return ParseTarget(absl::StrCat(kScheme, text));
}

}  // namespace veille::web
