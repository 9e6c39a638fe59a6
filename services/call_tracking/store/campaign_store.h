#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/campaign.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// The campaigns of a landlord. Lives for one transaction.
class CampaignStore {
 public:
  explicit CampaignStore(db::ReadTx& tx) : tx_(tx) {}

  // DUPLICATE_NAME when another campaign has the title. The script's version is resolved.
  static absl::Status Insert(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                             const CampaignDraft& draft, absl::Time now);

  // CAMPAIGN_NOT_FOUND for another landlord's too.
  absl::StatusOr<Campaign> Get(ids::LandlordId landlord, ids::CampaignId id);
  // The same, locked until the transaction ends.
  static absl::StatusOr<Campaign> Lock(db::WriteTx& tx, ids::LandlordId landlord,
                                       ids::CampaignId id);

  // Up to `limit`, newest first, after the campaign `after` (nil: from the first).
  std::vector<Campaign> List(ids::LandlordId landlord, ids::CampaignId after, int limit,
                             std::optional<CampaignState> state);

  // The campaign must be locked.
  static void SetState(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                       CampaignState state);

 private:
  std::vector<Campaign> Complete(ids::LandlordId landlord, const db::Rows& rows);

  db::ReadTx& tx_;
};

}  // namespace veille::call_tracking
