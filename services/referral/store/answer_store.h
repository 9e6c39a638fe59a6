#pragma once

// What partners answered by telephone, call by call.

#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/referral.h"

namespace veille::referral {

class AnswerStore {
 public:
  AnswerStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // About the assignment with this fence.
  void Insert(ids::ReferralId referral, int64_t fence, ids::CampaignId campaign,
              const PartnerAnswer& answer);

  // Adds to the assignments of a referral the answers about each, first to last, as far as they
  // open.
  void ReadInto(Referral& referral);

 private:
  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

}  // namespace veille::referral
