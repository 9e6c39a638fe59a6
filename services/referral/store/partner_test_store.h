#pragma once

// The last test of each partner, as people and partners see it. The engine's side is
// PartnerTestQueue.

#include <optional>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner_test.h"

namespace veille::referral {

class PartnerTestReader {
 public:
  PartnerTestReader(db::ReadTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // How the partner's last test stands; absent when there was none.
  std::optional<PartnerTest> Find(ids::PartnerId partner);

 private:
  db::ReadTx& tx_;
  ids::LandlordId landlord_;
};

class PartnerTestStore : public PartnerTestReader {
 public:
  PartnerTestStore(db::WriteTx& tx, ids::LandlordId landlord)
      : PartnerTestReader(tx, landlord), tx_(tx), landlord_(landlord) {}

  // Takes the place of the test before, whose notice is not pushed any more. The caller has locked
  // the partner.
  void Begin(ids::PartnerId partner);

  // The invented case, which counts as fetched from then on; absent when it is none of the
  // partner's test, or the test is over.
  std::optional<PartnerCase> Fetch(ids::PartnerId partner, ids::ReferralId test);

  // The same, without counting.
  std::optional<PartnerCase> Read(ids::PartnerId partner, ids::ReferralId test);

  // The case of the partner's test, for its list; absent when none is under way.
  std::optional<PartnerCase> UnderWay(ids::PartnerId partner);

  // What the partner does about it, as the table of transitions allows. REFERRAL_NOT_FOUND;
  // ILLEGAL_TRANSITION.
  absl::StatusOr<PartnerCase> Act(ids::PartnerId partner, ids::ReferralId test, int64_t fence,
                                  ReferralState to, ReferralOutcome outcome);

 private:
  db::WriteTx& tx_;
  ids::LandlordId landlord_;
};

// Makes partners on trial ACTIVE whose test was received and fetched. `partners` are locked.
void SwitchOnTested(db::WriteTx& tx, const std::vector<ids::LandlordId>& landlords,
                    const std::vector<ids::PartnerId>& partners);

}  // namespace veille::referral
