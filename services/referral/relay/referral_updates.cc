#include "referral/relay/referral_updates.h"

#include "common/status/macros.h"
#include "referral/store/update_outbox.h"

namespace veille::referral {
namespace {

async::Task<absl::Status> Send(const privacy::Seal& seal, CallsClient& calls,
                               outbox::Message message, absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(std::string payload, OpenUpdate(seal, message));
  const absl::Status sent = co_await calls.RecordReferralUpdate(
      message.landlord, ids::RequestId(message.id.uuid()), std::move(payload), deadline);
  co_return sent;
}

}  // namespace

outbox::Sender UpdateSender(const privacy::Seal& seal, CallsClient& calls) {
  return [&seal, &calls](const outbox::Message& message, absl::Time deadline) {
    return Send(seal, calls, message, deadline);
  };
}

}  // namespace veille::referral
