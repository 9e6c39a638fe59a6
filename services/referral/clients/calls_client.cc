#include "referral/clients/calls_client.h"

#include "common/status/errors.h"

namespace veille::referral {

namespace calls = ::veille::calls::v1;

CallsClient::CallsClient(const rpc::Endpoint& endpoint)
    : peer_(endpoint, "referral"), intake_(calls::IntakeService::NewStub(peer_.channel())) {}

async::Task<absl::Status> CallsClient::RecordReferralUpdate(ids::LandlordId landlord,
                                                            ids::RequestId request,
                                                            std::string payload,
                                                            absl::Time deadline) {
  calls::RecordReferralUpdateRequest update;
  if (!update.ParseFromString(payload)) co_return errors::Internal("an update cannot be read");
  update.set_request_id(request.ToString());
  const auto response = co_await rpc::Call(
      peer_, *intake_, &calls::IntakeService::Stub::PrepareAsyncRecordReferralUpdate,
      std::move(update), rpc::Outgoing{landlord, deadline});
  co_return response.status();
}

}  // namespace veille::referral
