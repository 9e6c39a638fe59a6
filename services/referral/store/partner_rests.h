#pragma once

// Partners to whom nothing is pushed for a while, for all engines of the database; and what waits
// for them, which is put off with them and comes back with them.

#include <vector>

#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "referral/domain/worklist_item.h"

namespace veille::referral {

class PartnerRests {
 public:
  PartnerRests(db::WriteTx& tx, ids::LandlordId landlord, ids::PartnerId partner)
      : tx_(tx), landlord_(landlord), partner_(partner) {}

  // After failures: how many rests in a row this is, from 1; 0 when it rests already and this is
  // no news. `is_probe`: the push that failed was the one that ended a rest.
  int Begin(bool is_probe);

  // Nothing before `length` is over by the database's clock, nor before any other rest of it is.
  void Lengthen(absl::Duration length);

  // Nothing until End. The withdrawals that wait for it, of which no coordinator was told yet.
  std::vector<NotTold> RestForGood();

  // What is due for it now is not before its rest is over; that counts as a try of each. Those that
  // have had `tries` with it or more, and of which no coordinator was told yet.
  std::vector<NotTold> PutOff(int tries);

  // Its machine is there: the rest is over unless it is for good, and all that waits is due.
  void EndUnlessForGood();

  // The rest is over, whyever it began; all that waits is due, and so is what was parked.
  void End();

 private:
  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
  const ids::PartnerId partner_;
};

}  // namespace veille::referral
