#pragma once

// Pushes to partners that implement ReferralInboxService.

#include <memory>
#include <stop_token>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "referral/delivery/channel.h"
#include "referral/delivery/partner_credentials.h"
#include "referral/domain/endpoint.h"

namespace veille::referral {

// Keeps one channel per partner and endpoint, made when the first push goes there. Thread-safe;
// owned by main, outlives the engine. What `endpoints` do not allow is not connected to, whatever
// was allowed when the partner was registered.
class GrpcChannel final : public Channel {
 public:
  GrpcChannel(EndpointPolicy endpoints, CredentialsOfPartner credentials);
  ~GrpcChannel() override;
  GrpcChannel(const GrpcChannel&) = delete;
  GrpcChannel& operator=(const GrpcChannel&) = delete;

  async::Task<Answer> Send(const Claim& claim, const partner_pb::DeliverReferralRequest& notice,
                           absl::Time deadline, std::stop_token stop) override;

 private:
  struct Inbox;
  absl::StatusOr<std::shared_ptr<Inbox>> InboxOf(const Claim& claim);

  const EndpointPolicy endpoints_;
  const CredentialsOfPartner credentials_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::tuple<ids::LandlordId, ids::PartnerId, std::string>,
                      std::shared_ptr<Inbox>>
      inboxes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::referral
