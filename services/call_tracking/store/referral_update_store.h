#pragma once

#include <optional>

#include "call_tracking/domain/referral_update.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// What became of the referrals of findings. Lives for one transaction.
class ReferralUpdateStore {
 public:
  ReferralUpdateStore(db::WriteTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // The version that a finding knows, locked until the transaction ends; absent when the campaign
  // has no such finding.
  std::optional<int64_t> LockVersion(ids::CampaignId campaign, ids::FindingId finding);

  // Stores an update that is newer than the version known. A referral that came to nothing, or that
  // nobody covers, puts the household before a coordinator; one that goes on again takes it back
  // to where it was. Other findings of the same subject and need that share the referral follow.
  void Apply(const privacy::Seal& seal, const ReferralUpdate& update);

 private:
  void ApplyToOne(const privacy::Seal& seal, const ReferralUpdate& update);

  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
};

}  // namespace veille::call_tracking
