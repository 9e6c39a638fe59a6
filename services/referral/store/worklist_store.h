#pragma once

// What waits for a coordinator. One open item per referral and reason.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/worklist_item.h"

namespace veille::referral {

// A decision about one item.
struct Decided {
  WorklistDecision decision = WorklistDecision::kSeen;
  std::string note;
  std::string by;
};

class WorklistStore {
 public:
  WorklistStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // Nothing happens when an item of this reason is open.
  void Put(ids::ReferralId referral, WorklistReason reason, absl::Time now);

  // WORKLIST_ITEM_NOT_FOUND.
  absl::StatusOr<WorklistItem> Get(WorklistItemId item);

  // The most urgent first, then the oldest, after the item of that urgency and id.
  absl::StatusOr<std::vector<WorklistItem>> List(bool include_decided, int urgency, ids::Uuid after,
                                                 int limit);

  // False when it was decided before.
  bool Decide(const WorklistItem& item, ids::CampaignId campaign, const Decided& decided,
              absl::Time now);

  // A referral that was withdrawn leaves nothing to decide about.
  void DecideRest(ids::ReferralId referral, const Decided& decided, absl::Time now);

 private:
  absl::StatusOr<WorklistItem> FromRow(const db::Row& row) const;

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

}  // namespace veille::referral
