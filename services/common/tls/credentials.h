#pragma once

// The two ends of a TLS connection of ours, from PEM files that may change while the process runs.
//
//   tls::Files files{.certificate = "tls.pem", .key = "tls.key", .authority = "authority.pem"};
//   ASSIGN_OR_RETURN(auto credentials, tls::ServerCredentials(files));
//   builder.AddListeningPort("0.0.0.0:7102", credentials);
//   ASSIGN_OR_RETURN(auto credentials, tls::ChannelCredentials(files));
//   grpc::CreateChannel("registry.internal:7101", credentials);
//
// TLS 1.3, or 1.2 with who has no better. Renewal needs no restart: the files are looked at each
// second, and within two seconds of a change new connections use the new ones; connections that
// stand live on. Files that are wrong, or of which only one has been exchanged so far, are left
// alone with a warning in the log, and the last good ones serve on.
//
// What is wrong at the start is INVALID_ARGUMENT and names the file: absent, no PEM, a key that
// others than its owner may read or that is not the certificate's, a certificate that has expired
// or is not valid yet. No message holds anything of a key.
//
// These functions may be called from any thread, and their results outlive whatever they are given
// to. Files are watched until the process ends, the same files once.

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace veille::tls {

// Paths. A certificate's file holds the leaf and then its intermediates, if there are any;
// an authority's may hold several roots, old and new.
struct Files {
  std::string certificate;
  std::string key;  // mode 0600
  std::string authority;

  friend auto operator<=>(const Files&, const Files&) = default;
};

// A client need not present a certificate; one that is presented must chain to `authority`, be
// valid now and be meant for clients, or the connection fails. Who it is: PeerIdentity.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(const Files& files);

// The server's certificate must chain to `authority`, be valid now and carry the host (name or IP)
// that the channel was made for. Without `certificate` and `key` none is presented: people prove
// who they are by a token.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentials(const Files& files);

// The same to a server that is known by its SPIFFE ID: a certificate that has URIs must have this
// one alone, on whatever host; one that has none must carry the host.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentials(
    const Files& files, const std::string& spiffe_id);

}  // namespace veille::tls
