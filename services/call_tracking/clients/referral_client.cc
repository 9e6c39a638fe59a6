#include "call_tracking/clients/referral_client.h"

#include <utility>

namespace veille::call_tracking {

namespace pb = ::veille::referral::v1;

ReferralClient::ReferralClient(const rpc::Endpoint& endpoint)
    : peer_(endpoint, "call-tracking"), stub_(pb::ReferralService::NewStub(peer_.channel())) {}

async::Task<absl::StatusOr<pb::CreateReferralResponse>> ReferralClient::CreateReferral(
    pb::CreateReferralRequest request, rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_, &pb::ReferralService::Stub::PrepareAsyncCreateReferral,
                   std::move(request), std::move(outgoing));
}

}  // namespace veille::call_tracking
