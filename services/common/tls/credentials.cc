#include "common/tls/credentials.h"

#include <grpcpp/security/tls_credentials_options.h>

#include "common/status/macros.h"
#include "common/tls/expected_server.h"
#include "common/tls/live_files.h"

namespace veille::tls {
namespace {

absl::StatusOr<grpc::experimental::TlsChannelCredentialsOptions> ChannelOptions(
    const Files& files) {
  ASSIGN_OR_RETURN(auto provider, Follow(files));
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::move(provider));
  options.watch_root_certs();
  if (!files.certificate.empty()) options.watch_identity_key_cert_pairs();
  return options;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(const Files& files) {
  if (files.certificate.empty()) {
    return absl::InvalidArgumentError("a server needs a certificate and its key");
  }
  ASSIGN_OR_RETURN(auto provider, Follow(files));
  grpc::experimental::TlsServerCredentialsOptions options(std::move(provider));
  options.watch_identity_key_cert_pairs();
  options.watch_root_certs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentials(const Files& files) {
  ASSIGN_OR_RETURN(const auto options, ChannelOptions(files));
  return grpc::experimental::TlsCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentials(
    const Files& files, const std::string& spiffe_id) {
  ASSIGN_OR_RETURN(auto options, ChannelOptions(files));
  options.set_certificate_verifier(ExpectServer(spiffe_id));
  options.set_check_call_host(false);  // the verifier has checked what is to be checked
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace veille::tls
