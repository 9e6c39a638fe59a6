#pragma once

// call-tracking, as the referral service calls it.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"

namespace veille::referral {

// Thread-safe; owned by main, outlives the relay.
class CallsClient {
 public:
  explicit CallsClient(const rpc::Endpoint& endpoint);

  // Tells it what became of a referral. `payload` is a RecordReferralUpdateRequest without its
  // request_id. Safe to repeat.
  async::Task<absl::Status> RecordReferralUpdate(ids::LandlordId landlord, ids::RequestId request,
                                                 std::string payload, absl::Time deadline);

 private:
  const rpc::Peer peer_;
  const std::unique_ptr<calls::v1::IntakeService::Stub> intake_;
};

}  // namespace veille::referral
