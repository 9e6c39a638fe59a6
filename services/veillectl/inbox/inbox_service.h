#pragma once

// The sample of what a partner's own machine does: it takes notices, says that it has them, and
// hands them to whoever works on them. Or it says nothing at all, as a machine that hangs.

#include <functional>
#include <string>

#include "common/rpc/authenticator.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"
#include "veillectl/inbox/event_log.h"

namespace veille::veillectl {

// Thread-safe.
class InboxService final : public partner::v1::ReferralInboxService::CallbackService {
 public:
  using OnNotice = std::function<void(const Notice&)>;

  // Takes notices from the referral service, about the cases of `landlord`;
  // `authenticator` tells who delivers, and outlives this. `on_notice` (may be
  // empty) sees each delivery, repeated ones too. A `silent` one answers none: it holds each until
  // the caller gives up.
  InboxService(const rpc::Authenticator& authenticator, std::string landlord, EventLog& log,
               OnNotice on_notice, bool silent = false);

  grpc::ServerUnaryReactor* DeliverReferral(
      grpc::CallbackServerContext* context, const partner::v1::DeliverReferralRequest* request,
      partner::v1::DeliverReferralResponse* response) override;

 private:
  absl::Status Take(const grpc::CallbackServerContext& context,
                    const partner::v1::DeliverReferralRequest& request,
                    partner::v1::DeliverReferralResponse& response);

  const rpc::Authenticator& authenticator_;
  const std::string landlord_;
  EventLog& log_;
  const OnNotice on_notice_;
  const bool silent_;
};

}  // namespace veille::veillectl
