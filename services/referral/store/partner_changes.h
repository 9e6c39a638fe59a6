#pragma once

// Changes of a partner that is registered. Each locks its row first, and makes a new version of it.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner.h"
#include "referral/domain/worklist_item.h"

namespace veille::referral {

class PartnerChanges {
 public:
  PartnerChanges(db::WriteTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // Nobody else changes it until the end of the transaction; as it stands. PARTNER_NOT_FOUND.
  absl::StatusOr<Partner> Lock(ids::PartnerId partner);

  // The registration; false when another partner of the landlord has the name.
  bool Update(ids::PartnerId partner, const PartnerDraft& draft);

  void SetIntake(ids::PartnerId partner, PartnerIntake intake, int capacity);

  // Nothing is given or pushed to it until Resume. The withdrawals that wait for that are for the
  // worklist.
  std::vector<NotTold> Pause(ids::PartnerId partner);

  // So too, because nobody takes notices at `endpoint`; absent when that is not its endpoint any
  // more, or it is suspended already.
  std::optional<std::vector<NotTold>> SuspendGone(ids::PartnerId partner,
                                                  const std::string& endpoint);

  // Whyever it was suspended, or if it is not: what waits for it, and what was parked, is due.
  void Resume(ids::PartnerId partner);

 private:
  std::vector<NotTold> Suspend(ids::PartnerId partner, PartnerSuspension why);

  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
};

}  // namespace veille::referral
