#pragma once

// A small gRPC server behind tls::ServerCredentials that answers who it thinks its caller is, and
// callers of every kind.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>

#include "common/tls/credentials.h"
#include "testing/temporary_folder.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"
#include "veillectl/dev_authority/dev_authority.h"

namespace veille::testing {

// Answers with the caller's identity as the receipt number: its SPIFFE ID, "nobody", or fails as
// tls::PeerIdentity does.
class WhoAmI final : public partner::v1::ReferralInboxService::Service {
 public:
  grpc::Status DeliverReferral(grpc::ServerContext* context,
                               const partner::v1::DeliverReferralRequest* request,
                               partner::v1::DeliverReferralResponse* response) override;
  int calls() const { return calls_; }

 private:
  std::atomic<int> calls_ = 0;
};

class TlsServer {
 public:
  explicit TlsServer(const tls::Files& files);  // a test failure when they are no good
  ~TlsServer();

  std::string address(const std::string& host = "127.0.0.1") const;
  int port() const { return port_; }
  int calls() const { return service_.calls(); }

 private:
  WhoAmI service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Answer {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  std::string identity;     // who the server says we are
  std::string certificate;  // the server's, in PEM

  bool ok() const { return code == grpc::StatusCode::OK; }
};

// One connection.
class TlsClient {
 public:
  TlsClient(const std::string& address, std::shared_ptr<grpc::ChannelCredentials> credentials);

  Answer Ask() const;

 private:
  std::unique_ptr<partner::v1::ReferralInboxService::Stub> stub_;
};

// One call on a connection of its own.
Answer AskOnce(const std::string& address, std::shared_ptr<grpc::ChannelCredentials> credentials);

// Of our own; a test failure when the files are no good.
std::shared_ptr<grpc::ChannelCredentials> Channel(const tls::Files& files);
// Of somebody who checks nothing of what he presents.
std::shared_ptr<grpc::ChannelCredentials> Stranger(const std::string& authority,
                                                   const veillectl::KeyedCertificate& presented);

// An authority in a folder of its own.
struct TestAuthority {
  TestAuthority();

  // A leaf of the authority.
  veillectl::KeyedCertificate Issue(const veillectl::Leaf& leaf) const;
  std::string RootPem() const;
  // Writes NAME.pem and NAME.key, in the order in which they serve.
  tls::Files Write(const std::string& name, const veillectl::KeyedCertificate& issued) const;

  TemporaryFolder folder;
  veillectl::DevAuthority authority;
};

}  // namespace veille::testing
