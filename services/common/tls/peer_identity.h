#pragma once

// Who is at the other end of a connection, by the certificate that the handshake verified.
//
//   ASSIGN_OR_RETURN(const auto peer, tls::PeerIdentity(*context->auth_context()));
//   if (peer.has_value() && peer->trust_domain == "veille.internal" && peer->path[0] == "service")

#include <grpcpp/security/auth_context.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace veille::tls {

// spiffe://<trust_domain>/<path[0]>/<path[1]>…
struct Identity {
  std::string trust_domain;
  std::vector<std::string> path;  // at least one segment, none empty

  friend bool operator==(const Identity&, const Identity&) = default;
};

// The SPIFFE ID standard, read strictly: at most 2048 bytes; a trust domain of a-z 0-9 . - _ (at
// most 255); segments of a-z A-Z 0-9 . - _, none "." or ".."; no port, query, fragment or percent
// encoding. INVALID_ARGUMENT otherwise.
absl::StatusOr<Identity> ParseSpiffeId(std::string_view uri);

// Nothing when the peer presented no certificate (or the connection is no TLS). UNAUTHENTICATED
// when the certificate's leaf has not exactly one URI, or one that is no SPIFFE ID. Which trust
// domain and path are whose is for the caller to say. Any thread; about a microsecond.
absl::StatusOr<std::optional<Identity>> PeerIdentity(const grpc::AuthContext& context);

}  // namespace veille::tls
