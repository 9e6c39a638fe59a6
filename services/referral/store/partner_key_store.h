#pragma once

// The keys that sign what is posted to a partner's webhook: the current one, and beside it for a
// day the one that it replaced. Secrets are sealed.

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "common/privacy/seal.h"
#include "common/web/webhook_key.h"

namespace veille::referral {

// How long a key that was replaced goes on signing.
inline constexpr absl::Duration kKeyOverlap = absl::Hours(24);

struct PartnerKey {
  ids::RequestId made_by;
  web::WebhookKey key;
  std::optional<absl::Time> expire_time;  // once it was replaced
};

class PartnerKeyReader {
 public:
  PartnerKeyReader(db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // The current one first. INTERNAL when one cannot be opened.
  absl::StatusOr<std::vector<PartnerKey>> List(ids::PartnerId partner);

  // Those that sign now.
  absl::StatusOr<std::vector<web::WebhookKey>> Signing(ids::PartnerId partner, absl::Time now);

 private:
  db::ReadTx& tx_;
  const privacy::Seal& seal_;
  const ids::LandlordId landlord_;
};

class PartnerKeyStore : public PartnerKeyReader {
 public:
  PartnerKeyStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : PartnerKeyReader(tx, seal, landlord), tx_(tx), seal_(seal), landlord_(landlord) {}

  // Makes `key` the current one. The one before expires kKeyOverlap from now; what was replaced
  // earlier is gone.
  void Put(ids::PartnerId partner, ids::RequestId made_by, const web::WebhookKey& key,
           absl::Time now);

 private:
  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  const ids::LandlordId landlord_;
};

}  // namespace veille::referral
