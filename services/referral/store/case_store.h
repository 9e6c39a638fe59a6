#pragma once

// A partner's view of the referrals that are or were assigned to it. The check that the referral is
// the partner's and the read are one statement, so that "not yours" and "not there" are the same
// path.

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/partner_case.h"

namespace veille::referral {

class CaseStore {
 public:
  CaseStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord,
            ids::PartnerId partner)
      : tx_(tx), seal_(seal), landlord_(landlord), partner_(partner) {}

  // REFERRAL_NOT_FOUND. With words and person, as far as the need allows, while the assignment is
  // open.
  absl::StatusOr<PartnerCase> Get(ids::ReferralId referral);

  // Newest assignment first, before `before`; without words and person, and without the need where
  // it cannot be read.
  std::vector<PartnerCase> List(const std::vector<ReferralState>& states, ids::Uuid before,
                                int limit);

 private:
  PartnerCase FromRow(const db::Row& row) const;
  absl::Status OpenSealed(const db::Row& row, PartnerCase& found) const;

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
  ids::PartnerId partner_;
};

}  // namespace veille::referral
