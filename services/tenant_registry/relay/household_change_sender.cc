#include "tenant_registry/relay/household_change_sender.h"

#include "common/status/macros.h"
#include "tenant_registry/convert/household_change.h"
#include "tenant_registry/store/outbox_seal.h"

namespace veille::tenant_registry {

HouseholdChangeSender::HouseholdChangeSender(const rpc::Endpoint& calls, const privacy::Seal& seal)
    : calls_(calls, "tenant-registry"),
      stub_(calls::v1::IntakeService::NewStub(calls_.channel())),
      seal_(seal) {}

async::Task<absl::Status> HouseholdChangeSender::Send(const outbox::Message& message,
                                                      absl::Time deadline) const {
  CO_ASSIGN_OR_RETURN(const std::string payload,
                      seal_.Open(OutboxSeal(message.landlord, message.id.uuid()), message.payload));
  CO_ASSIGN_OR_RETURN(const calls::v1::RecordHouseholdChangeRequest request, FromPayload(payload));
  const rpc::Outgoing outgoing{message.landlord, deadline};
  const auto answer = co_await rpc::Call(
      calls_, *stub_, &calls::v1::IntakeService::Stub::PrepareAsyncRecordHouseholdChange, request,
      outgoing);
  co_return answer.status();
}

}  // namespace veille::tenant_registry
