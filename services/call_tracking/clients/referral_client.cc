#include "call_tracking/clients/referral_client.h"

#include <utility>

namespace veille::call_tracking {

ReferralClient::ReferralClient(const rpc::Endpoint& endpoint)
    : peer_(endpoint, "call-tracking"),
      stub_(referral::v1::ReferralService::NewStub(peer_.channel())) {}

async::Task<absl::StatusOr<referral::v1::CreateReferralResponse>> ReferralClient::CreateReferral(
    referral::v1::CreateReferralRequest request, rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_, &referral::v1::ReferralService::Stub::PrepareAsyncCreateReferral,
                   std::move(request), std::move(outgoing));
}

async::Task<absl::StatusOr<referral::v1::RecordHouseholdObjectionResponse>>
ReferralClient::RecordHouseholdObjection(referral::v1::RecordHouseholdObjectionRequest request,
                                         rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_,
                   &referral::v1::ReferralService::Stub::PrepareAsyncRecordHouseholdObjection,
                   std::move(request), std::move(outgoing));
}

}  // namespace veille::call_tracking
