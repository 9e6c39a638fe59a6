#pragma once

// The files of one end of TLS, and what of them gRPC reads.
//
// gRPC 1.51 has a watcher of files of its own, and takes what it finds: a certificate without its
// new key, or half a file, leaves a server that refuses everybody until the next change. So it is
// given files in memory, which one thread of ours fills from the real ones once they are good.

#include <grpcpp/security/tls_certificate_provider.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/tls/credentials.h"

namespace veille::tls {

// A provider of what `files` hold, followed from now on until the process ends. Thread-safe.
absl::StatusOr<std::shared_ptr<grpc::experimental::CertificateProviderInterface>> Follow(
    const Files& files);

}  // namespace veille::tls
