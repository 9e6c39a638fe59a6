#include "referral/store/update_outbox.h"

#include <algorithm>
#include <array>

#include "common/status/errors.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

constexpr size_t kIdSize = 16;

SealedRow Sealed(const privacy::Seal& seal, const outbox::Message& message,
                 ids::CampaignId campaign) {
  return SealedRow(seal, "outbox", message.landlord, campaign, message.id.uuid());
}

}  // namespace

void AppendUpdate(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord,
                  const ReferralUpdate& update, const std::string& payload) {
  outbox::Message message{.landlord = landlord,
                          .id = outbox::MessageId::Random(),
                          .topic = kUpdateTopic,
                          .subject = update.referral.uuid(),
                          .payload = {}};
  const auto& campaign = update.campaign.uuid().bytes();
  message.payload.value.assign(campaign.begin(), campaign.end());
  message.payload.value += Sealed(seal, message, update.campaign).Close("payload", payload).value;
  outbox::Append(tx, message);
}

absl::StatusOr<std::string> OpenUpdate(const privacy::Seal& seal, const outbox::Message& message) {
  const std::string& stored = message.payload.value;
  if (stored.size() <= kIdSize) return errors::Internal("a message's payload is cut short");
  std::array<uint8_t, kIdSize> campaign;
  std::copy_n(stored.begin(), kIdSize, campaign.begin());
  return Sealed(seal, message, ids::CampaignId(ids::Uuid::FromBytes(campaign)))
      .Open("payload", db::Bytes{stored.substr(kIdSize)});
}

}  // namespace veille::referral
