#pragma once

// Tells call-tracking what changed about a household. Safe to repeat: the request id is the
// message's.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/async/task.h"
#include "common/outbox/outbox.h"
#include "common/privacy/seal.h"
#include "common/rpc/client.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"

namespace veille::tenant_registry {

// Owned by the environment; outlives the relay. Threads: any.
class HouseholdChangeSender {
 public:
  HouseholdChangeSender(const rpc::Endpoint& calls, const privacy::Seal& seal);

  async::Task<absl::Status> Send(const outbox::Message& message, absl::Time deadline) const;

 private:
  const rpc::Peer calls_;
  const std::unique_ptr<calls::v1::IntakeService::Stub> stub_;
  const privacy::Seal& seal_;
};

}  // namespace veille::tenant_registry
