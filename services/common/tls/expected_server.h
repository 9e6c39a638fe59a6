#pragma once

// Who a server must be for a client of ours that knows its SPIFFE ID.

#include <grpcpp/security/tls_certificate_verifier.h>

#include <memory>
#include <string>

namespace veille::tls {

// Beside the chain of certificates, which gRPC verifies before: a certificate that has URIs must
// have `spiffe_id` and no other, whatever its host names are; one that has none must carry the host
// that the channel was made for.
std::shared_ptr<grpc::experimental::CertificateVerifier> ExpectServer(const std::string& spiffe_id);

}  // namespace veille::tls
