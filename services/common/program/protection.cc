#include "common/program/protection.h"

#include <utility>

#include "common/identity/proven_authenticator.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "common/tls/credentials.h"
#include "common/tokens/issuers.h"

namespace veille::program {

absl::StatusOr<Protection> Protect(const config::SecurityOptions& options,
                                   limits::TokenChecks& checks) {
  if (options.insecure_loopback) {
    log::Warning("no TLS: callers are believed what they say they are");
    return Protection{.server_credentials = grpc::InsecureServerCredentials(),
                      .channel_credentials = grpc::InsecureChannelCredentials(),
                      .authenticator = std::make_unique<rpc::BelievingAuthenticator>()};
  }
  static const time::SystemClock clock;  // of the verifier, which fetches until the process ends
  const tls::Files files{options.certificate, options.key, options.authority};
  Protection protection;
  ASSIGN_OR_RETURN(protection.server_credentials, tls::ServerCredentials(files));
  ASSIGN_OR_RETURN(protection.channel_credentials, tls::ChannelCredentials(files));
  ASSIGN_OR_RETURN(std::vector<tokens::Issuer> issuers, tokens::ReadIssuers(options.issuers));
  ASSIGN_OR_RETURN(protection.verifier, tokens::Verifier::Start(std::move(issuers), clock));
  ASSIGN_OR_RETURN(protection.audit_keys, audit::Keys::FromFile(options.audit_key));
  protection.authenticator = std::make_unique<identity::ProvenAuthenticator>(
      options.trust_domain, protection.verifier.get(), &checks);
  return protection;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> AnonymousCredentials(
    const config::SecurityOptions& options) {
  if (!options.tls()) return grpc::InsecureChannelCredentials();
  return tls::ChannelCredentials({.authority = options.authority});
}

}  // namespace veille::program
