#pragma once

// Pushes to partners that implement ReferralInboxService.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "common/web/caller.h"
#include "referral/delivery/channel.h"
#include "referral/delivery/partner_credentials.h"
#include "referral/domain/endpoint.h"

namespace veille::referral {

// Keeps one channel per partner and endpoint, made when the first push goes there. Thread-safe;
// owned by main, outlives the engine.
//
// With TLS the endpoint's name is looked up and vetted as a webhook's is, whatever was allowed when
// the partner was registered, and the channel connects to the vetted addresses and no other. After
// five minutes, and after a push that did not arrive, it is looked up anew.
class GrpcChannel final : public Channel {
 public:
  // `caller` vets, and outlives the channel.
  GrpcChannel(EndpointPolicy endpoints, CredentialsOfPartner credentials, web::Caller& caller);
  ~GrpcChannel() override;
  GrpcChannel(const GrpcChannel&) = delete;
  GrpcChannel& operator=(const GrpcChannel&) = delete;

  async::Task<Answer> Send(const Claim& claim, const partner_pb::DeliverReferralRequest& notice,
                           absl::Time deadline, std::stop_token stop) override;

 private:
  struct Inbox;
  using Key = std::tuple<ids::LandlordId, ids::PartnerId, std::string>;

  // PERMISSION_DENIED, FAILED_PRECONDITION and INVALID_ARGUMENT: it is none that is connected to.
  async::Task<absl::StatusOr<std::shared_ptr<Inbox>>> InboxOf(const Claim& claim,
                                                              absl::Time deadline,
                                                              std::stop_token stop);
  async::Task<absl::StatusOr<std::optional<rpc::Pinned>>> Pin(std::string endpoint,
                                                              absl::Time deadline,
                                                              std::stop_token stop);
  std::shared_ptr<Inbox> Known(const Key& key);
  std::shared_ptr<Inbox> Keep(const Key& key, std::shared_ptr<Inbox> inbox);
  // The next push looks the name up anew.
  void Forget(const Key& key, const std::shared_ptr<Inbox>& inbox);

  const EndpointPolicy endpoints_;
  const CredentialsOfPartner credentials_;
  web::Caller& caller_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Key, std::shared_ptr<Inbox>> inboxes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::referral
