#pragma once

// What waits for a coordinator. One open item per referral and reason.

#include <optional>
#include <span>
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

// From the columns referral_id, assignment_fence and is_withdrawal of a delivery.
NotTold NotToldFromRow(const db::Row& row);

class WorklistStore {
 public:
  WorklistStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // False when an item of this reason is open: then nothing happens.
  bool Put(ids::ReferralId referral, WorklistReason reason, absl::Time now);

  // The partner of that assignment has the referral no more and does not know
  // (WITHDRAWAL_NOT_TOLD): an item of its own, or a line in the one that is open.
  void PutUntold(ids::ReferralId referral, int64_t fence, absl::Time now);

  // A push does not get through: NOT_DELIVERED, or WITHDRAWAL_NOT_TOLD.
  void PutNotTold(const NotTold& push, absl::Time now);

  // WORKLIST_ITEM_NOT_FOUND.
  absl::StatusOr<WorklistItem> Get(WorklistItemId item);

  // The most urgent first, then the oldest, after the item of that urgency and id.
  std::vector<WorklistItem> List(bool include_decided, int urgency, ids::Uuid after, int limit);

  // False when it was decided before.
  bool Decide(const WorklistItem& item, ids::CampaignId campaign, const Decided& decided,
              absl::Time now);

  // Decides the open items of a referral with these reasons, which a decision about another one
  // answered too.
  void DecideRest(ids::ReferralId referral, std::span<const WorklistReason> reasons,
                  const Decided& decided, absl::Time now);

 private:
  WorklistItem FromRow(const db::Row& row) const;
  absl::Status OpenSealed(const db::Row& row, WorklistItem& item) const;
  void ReadCallees(std::vector<WorklistItem>& items);

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

}  // namespace veille::referral
