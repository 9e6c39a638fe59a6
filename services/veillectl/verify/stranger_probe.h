#pragma once

// Delivers a notice to a gRPC inbox as somebody who is not the referral service.

#include <memory>

#include "veille/partner/v1/referral_inbox_service.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/verify/verdict.h"

namespace veille::veillectl {

// Says it is the referral service, and has nothing that proves it.
class Stranger final : public Proof {
 public:
  // `credentials`: of a channel that shows no certificate.
  explicit Stranger(std::shared_ptr<grpc::ChannelCredentials> credentials)
      : credentials_(std::move(credentials)) {}

  std::shared_ptr<grpc::ChannelCredentials> credentials() const override { return credentials_; }
  absl::Status Attach(const Identity& identity, grpc::ClientContext& context) const override {
    return ClaimedIdentity().Attach(identity, context);
  }

 private:
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
};

// `inbox` is a connection as a stranger. That the inbox is there has been seen before.
Verdict ProbeAsStranger(const Connection& inbox, const partner::v1::DeliverReferralRequest& notice);

}  // namespace veille::veillectl
