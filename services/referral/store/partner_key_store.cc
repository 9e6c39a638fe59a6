#include "referral/store/partner_key_store.h"

#include <utility>

#include "common/status/macros.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kListKeys{"partner_keys.list", R"sql(
  SELECT key_id, secret, expire_time FROM partner_keys
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
  ORDER BY expire_time DESC NULLS FIRST
)sql"};

constexpr Query kForgetReplaced{"partner_keys.forget_replaced", R"sql(
  DELETE FROM partner_keys
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND expire_time IS NOT NULL
)sql"};

constexpr Query kExpireCurrent{"partner_keys.expire_current", R"sql(
  UPDATE partner_keys SET expire_time = $3::timestamptz
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND expire_time IS NULL
)sql"};

constexpr Query kInsertKey{"partner_keys.insert", R"sql(
  INSERT INTO partner_keys (landlord_id, partner_id, key_id, secret, created_time)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bytea, $5::timestamptz)
)sql"};

SealedRow SealedKey(const privacy::Seal& seal, ids::LandlordId landlord, ids::RequestId made_by) {
  return {seal, "partner_keys", landlord, ids::CampaignId(), made_by.uuid()};
}

}  // namespace

absl::StatusOr<std::vector<PartnerKey>> PartnerKeyReader::List(ids::PartnerId partner) {
  std::vector<PartnerKey> keys;
  for (const db::Row row : tx_.Run(kListKeys, landlord_, partner)) {
    const auto made_by = row.Get<ids::RequestId>("key_id");
    ASSIGN_OR_RETURN(
        const std::string secret,
        SealedKey(seal_, landlord_, made_by).Open("secret", row.Get<db::Bytes>("secret")));
    absl::StatusOr<web::WebhookKey> key = web::WebhookKey::Parse(secret);
    if (!key.ok()) return absl::InternalError("a partner's key cannot be read");
    keys.push_back({made_by, *std::move(key), row.Find<absl::Time>("expire_time")});
  }
  return keys;
}

absl::StatusOr<std::vector<web::WebhookKey>> PartnerKeyReader::Signing(ids::PartnerId partner,
                                                                       absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<PartnerKey> keys, List(partner));
  std::vector<web::WebhookKey> signing;
  for (PartnerKey& key : keys) {
    if (key.expire_time.has_value() && *key.expire_time <= now) continue;
    signing.push_back(std::move(key.key));
  }
  return signing;
}

void PartnerKeyStore::Put(ids::PartnerId partner, ids::RequestId made_by,
                          const web::WebhookKey& key, absl::Time now) {
  tx_.Run(kForgetReplaced, landlord_, partner);
  tx_.Run(kExpireCurrent, landlord_, partner, now + kKeyOverlap);
  tx_.Run(kInsertKey, landlord_, partner, made_by,
          SealedKey(seal_, landlord_, made_by).Close("secret", key.Secret()), now);
}

}  // namespace veille::referral
