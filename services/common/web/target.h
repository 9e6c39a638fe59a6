#pragma once

// The address of a call, read once and strictly: what could be read in two ways is refused, so that
// what was vetted and what is connected to cannot differ.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/web/address.h"

namespace veille::web {

struct Target {
  std::string host;                // lower case; without brackets
  std::optional<Address> literal;  // when the host is an address
  int port = 443;
  std::string path;  // with the query; "/" at least

  // The same again, in the one spelling that is sent.
  std::string ToUrl() const;
};

inline constexpr size_t kLongestUrl = 500;

// https://HOST[:PORT][/PATH][?QUERY]: a host name of ASCII letters, digits and hyphens, an IPv4
// address as four decimal numbers, or an IPv6 address in brackets. No user, no fragment, no dot at
// the end, no zone, no percent sign in the host, no number that is no address, no character that
// RFC 3986 leaves out. INVALID_ARGUMENT with what is wrong; never with the URL.
absl::StatusOr<Target> ParseTarget(const std::string& url);

// The same for HOST:PORT, as what speaks another protocol over TLS is named: gRPC would take a host
// such as unix or dns for a scheme of its resolvers. The port is required; the path is "/".
absl::StatusOr<Target> ParseHostAndPort(const std::string& text);

}  // namespace veille::web
