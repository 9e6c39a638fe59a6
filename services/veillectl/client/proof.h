#pragma once

// How the caller of a command shows who it is. Any thread.

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/tls/credentials.h"
#include "veillectl/dev_authority/dev_authority.h"

namespace veille::veillectl {

// Who calls, in which role.
struct Identity {
  std::string role;  // "coordinator" and the like, as access::NameOf has it
  std::string subject;
  std::string landlord;     // empty for an operator
  std::string partner;      // partners only
  std::string reason = {};  // of looks outside their own work (common/rpc/reason.h)
};

class Proof {
 public:
  virtual ~Proof() = default;

  // Of the channels to the services.
  virtual std::shared_ptr<grpc::ChannelCredentials> credentials() const = 0;
  // Whether the services may be on other machines.
  virtual bool tls() const { return true; }
  // Gives a call what shows the identity. INVALID_ARGUMENT when there is nothing to show it by; the
  // call then goes without, and the service refuses it.
  virtual absl::Status Attach(const Identity& identity, grpc::ClientContext& context) const = 0;
};

// Clear text: the identity is claimed, which services with --insecure-loopback believe.
class ClaimedIdentity final : public Proof {
 public:
  std::shared_ptr<grpc::ChannelCredentials> credentials() const override {
    return grpc::InsecureChannelCredentials();
  }
  bool tls() const override { return false; }
  absl::Status Attach(const Identity& identity, grpc::ClientContext& context) const override;
};

// A token from a file, which whoever obtains tokens keeps fresh: it is read for each call. Without
// a file, the certificate alone: a partner's, or a service's in a test.
class TokenOrCertificate final : public Proof {
 public:
  static absl::StatusOr<std::shared_ptr<const Proof>> Open(const tls::Files& files,
                                                           const std::string& token_file);

  std::shared_ptr<grpc::ChannelCredentials> credentials() const override { return credentials_; }
  absl::Status Attach(const Identity& identity, grpc::ClientContext& context) const override;

 private:
  TokenOrCertificate(std::shared_ptr<grpc::ChannelCredentials> credentials, std::string token_file)
      : credentials_(std::move(credentials)), token_file_(std::move(token_file)) {}

  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  const std::string token_file_;
};

// Whoever one says one is, by tokens that a local authority signs: for development and the demo.
class DevIdentity final : public Proof {
 public:
  static absl::StatusOr<std::shared_ptr<const Proof>> Open(const std::string& folder);

  std::shared_ptr<grpc::ChannelCredentials> credentials() const override { return credentials_; }
  absl::Status Attach(const Identity& identity, grpc::ClientContext& context) const override;

 private:
  struct Minted {
    std::string token;
    absl::Time renewal;
  };

  DevIdentity(DevAuthority authority, std::shared_ptr<grpc::ChannelCredentials> credentials)
      : authority_(std::move(authority)), credentials_(std::move(credentials)) {}

  const DevAuthority authority_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  mutable absl::Mutex mutex_;
  // By role, subject, landlord and partner.
  mutable std::map<std::tuple<std::string, std::string, std::string, std::string>, Minted> tokens_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::veillectl
