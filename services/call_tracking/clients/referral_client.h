#pragma once

// The referral service, as call-tracking calls it. Owned by main; outlives the relay. Thread-safe.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::call_tracking {

class ReferralClient {
 public:
  explicit ReferralClient(const rpc::Endpoint& endpoint);

  async::Task<absl::StatusOr<referral::v1::CreateReferralResponse>> CreateReferral(
      referral::v1::CreateReferralRequest request, rpc::Outgoing outgoing);

  async::Task<absl::StatusOr<referral::v1::RecordHouseholdObjectionResponse>>
  RecordHouseholdObjection(referral::v1::RecordHouseholdObjectionRequest request,
                           rpc::Outgoing outgoing);

 private:
  const rpc::Peer peer_;
  const std::unique_ptr<referral::v1::ReferralService::Stub> stub_;
};

}  // namespace veille::call_tracking
