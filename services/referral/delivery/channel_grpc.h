#pragma once

// Pushes to partners that implement ReferralInboxService.

#include <memory>
#include <stop_token>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

// Keeps one channel per endpoint, made when the first push goes there. Thread-safe; owned by main,
// outlives the engine. Endpoints are vetted when a partner is registered.
class GrpcChannel {
 public:
  explicit GrpcChannel(std::shared_ptr<grpc::ChannelCredentials> credentials);
  ~GrpcChannel();
  GrpcChannel(const GrpcChannel&) = delete;
  GrpcChannel& operator=(const GrpcChannel&) = delete;

  // The partner's own number for the delivery (empty when it gave none that can be kept): its
  // machine has the notice. An error says what the partner, or the way to it, answered.
  async::Task<absl::StatusOr<std::string>> Send(const Claim& claim, absl::Time deadline,
                                                std::stop_token stop);

 private:
  struct Inbox;
  std::shared_ptr<Inbox> InboxAt(const std::string& endpoint);

  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Inbox>> inboxes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::referral
