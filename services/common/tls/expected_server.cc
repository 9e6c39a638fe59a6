#include "common/tls/expected_server.h"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace veille::tls {
namespace {

using Request = grpc::experimental::TlsCustomVerificationCheckRequest;

class ExpectedServer final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit ExpectedServer(std::string spiffe_id) : spiffe_id_(std::move(spiffe_id)) {}

  // At once: nothing is asked of anybody.
  bool Verify(Request* request, std::function<void(grpc::Status)> callback,
              grpc::Status* sync_status) override {
    const std::vector<grpc::string_ref> uris = request->uri_names();
    if (uris.empty()) return host_name_.Verify(request, std::move(callback), sync_status);
    const bool expected =
        uris.size() == 1 && std::string_view(uris[0].data(), uris[0].size()) == spiffe_id_;
    *sync_status = expected ? grpc::Status::OK
                            : grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                           "the server's certificate is somebody else's");
    return true;
  }
  void Cancel(Request*) override {}

 private:
  const std::string spiffe_id_;
  grpc::experimental::HostNameCertificateVerifier host_name_;
};

}  // namespace

std::shared_ptr<grpc::experimental::CertificateVerifier> ExpectServer(
    const std::string& spiffe_id) {
  return grpc::experimental::ExternalCertificateVerifier::Create<ExpectedServer>(spiffe_id);
}

}  // namespace veille::tls
