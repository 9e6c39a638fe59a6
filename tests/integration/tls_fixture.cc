#include "integration/tls_fixture.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/rpc/status.h"
#include "common/tls/peer_identity.h"

namespace veille::testing {
namespace {

template <typename T>
T Must(absl::StatusOr<T> value) {
  EXPECT_TRUE(value.ok()) << value.status();
  return *std::move(value);
}

}  // namespace

grpc::Status WhoAmI::DeliverReferral(grpc::ServerContext* context,
                                     const partner::v1::DeliverReferralRequest*,
                                     partner::v1::DeliverReferralResponse* response) {
  ++calls_;
  const auto identity = tls::PeerIdentity(*context->auth_context());
  if (!identity.ok()) return rpc::ToGrpc(identity.status());
  response->set_receipt_number(identity->has_value()
                                   ? absl::StrCat("spiffe://", (*identity)->trust_domain, "/",
                                                  absl::StrJoin((*identity)->path, "/"))
                                   : "nobody");
  return grpc::Status::OK;
}

TlsServer::TlsServer(const tls::Files& files) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", Must(tls::ServerCredentials(files)), &port_);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

TlsServer::~TlsServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string TlsServer::address(const std::string& host) const {
  return absl::StrCat(host, ":", port_);
}

TlsClient::TlsClient(const std::string& address,
                     std::shared_ptr<grpc::ChannelCredentials> credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  stub_ = partner::v1::ReferralInboxService::NewStub(
      grpc::CreateCustomChannel(address, std::move(credentials), arguments));
}

Answer TlsClient::Ask() const {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  partner::v1::DeliverReferralResponse response;
  const grpc::Status status = stub_->DeliverReferral(&context, {}, &response);
  Answer answer{status.error_code(), status.error_message(), response.receipt_number(), ""};
  const auto certificate = context.auth_context() == nullptr
                               ? std::vector<grpc::string_ref>()
                               : context.auth_context()->FindPropertyValues("x509_pem_cert");
  if (!certificate.empty()) answer.certificate.assign(certificate[0].data(), certificate[0].size());
  return answer;
}

Answer AskOnce(const std::string& address, std::shared_ptr<grpc::ChannelCredentials> credentials) {
  return TlsClient(address, std::move(credentials)).Ask();
}

std::shared_ptr<grpc::ChannelCredentials> Channel(const tls::Files& files) {
  return Must(tls::ChannelCredentials(files));
}

std::shared_ptr<grpc::ChannelCredentials> Stranger(const std::string& authority,
                                                   const veillectl::KeyedCertificate& presented) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority;
  options.pem_private_key = presented.key;
  options.pem_cert_chain = presented.certificate;
  return grpc::SslCredentials(options);
}

TestAuthority::TestAuthority() : authority(Must(veillectl::DevAuthority::Create(folder.path()))) {}

veillectl::KeyedCertificate TestAuthority::Issue(const veillectl::Leaf& leaf) const {
  return Must(authority.certificates().Issue(leaf));
}

std::string TestAuthority::RootPem() const { return ContentOf(authority.Path("authority.pem")); }

tls::Files TestAuthority::Write(const std::string& name,
                                const veillectl::KeyedCertificate& issued) const {
  folder.Write(name + ".key", issued.key);
  folder.Write(name + ".pem", issued.certificate);
  return authority.FilesOf(name);
}

}  // namespace veille::testing
