#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "call_tracking/domain/referral_update.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// What became of the referrals of findings. Lives for one transaction.
class ReferralUpdateStore {
 public:
  ReferralUpdateStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // Locks the finding of the update, and those of the same subject and need that share its
  // referral, until the transaction ends. The version that the finding knows; absent when the
  // campaign has no such finding.
  std::optional<int64_t> LockVersion(const ReferralUpdate& update);

  // Of the locked findings, which are of one subject; nil before.
  ids::HouseholdId household() const {
    return locked_.empty() ? ids::HouseholdId() : locked_.front().household;
  }

  // Stores the update with those of the locked findings that know an older version. A referral that
  // came to nothing, or that nobody covers, puts the household before a coordinator; one that goes
  // on again takes it back to where it was. One that is completed is verified with its subject,
  // once, while the campaign runs and the subject may be called.
  absl::Status Apply(const ReferralUpdate& update, absl::Time now);

  // The need of this finding is refused for good: it is not shared, and a coordinator must decide.
  absl::Status Refuse(ids::FindingId finding, absl::Time now);

 private:
  struct LockedFinding {
    ids::FindingId finding;
    ids::CampaignId campaign;
    ids::HouseholdId household;
    int64_t version = 0;
    bool completed = false;  // known to be
  };
  // `verify`: the subject is asked whether help came.
  void Store(const LockedFinding& locked, const ReferralUpdate& update, bool verify);

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  const ids::LandlordId landlord_;
  std::vector<LockedFinding> locked_;
};

}  // namespace veille::call_tracking
