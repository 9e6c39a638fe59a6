#pragma once

// How a process is protected, by its options: TLS with proven callers, or neither on loopback.

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/audit/keys.h"
#include "common/config/security_options.h"
#include "common/limits/token_checks.h"
#include "common/rpc/authenticator.h"
#include "common/tokens/verifier.h"

namespace veille::program {

struct Protection {
  std::shared_ptr<grpc::ServerCredentials> server_credentials;
  std::shared_ptr<grpc::ChannelCredentials> channel_credentials;  // with our own certificate
  std::unique_ptr<tokens::Verifier> verifier;                     // of people's tokens
  std::unique_ptr<rpc::Authenticator> authenticator;              // uses the verifier
  std::unique_ptr<audit::Keys> audit_keys;  // sign the audit trail; null on loopback
};

// INVALID_ARGUMENT names the file that is wrong, and how.
// `checks` bounds how many tokens are checked, and outlives the protection.
absl::StatusOr<Protection> Protect(const config::SecurityOptions& options,
                                   limits::TokenChecks& checks);

// Of a channel on which nobody is shown: health needs no more.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> AnonymousCredentials(
    const config::SecurityOptions& options);

}  // namespace veille::program
