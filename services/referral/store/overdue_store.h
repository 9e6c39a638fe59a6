#pragma once

// Referrals that somebody was given and nobody has accepted in time, or that somebody has accepted
// and said nothing more of in time, by the database's clock.

#include <optional>
#include <vector>

#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "referral/domain/words.h"

namespace veille::referral {

// Which assignment is overdue. The list is in the order of deadline and referral.
struct Overdue {
  ids::LandlordId landlord;
  ids::ReferralId referral;
  int64_t fence = 0;
  absl::Time deadline = absl::InfinitePast();
};

// At most `limit`, after `after` (as it is made: from the first).
std::vector<Overdue> ListOverdue(db::ReadTx& tx, const Overdue& after, int limit);

// One of them, held against everybody else until the end of the transaction.
struct HeldOverdue {
  OverdueStep step = OverdueStep::kNone;  // the last one that was taken
  absl::Time now;                         // by the database's clock
  bool is_unreckoned = false;             // until when it may stay accepted is not known yet
};

class OverdueStore {
 public:
  OverdueStore(db::WriteTx& tx, const Overdue& overdue) : tx_(tx), overdue_(overdue) {}

  // Nothing when somebody else has it in hand, or was faster: it has moved on, has another
  // deadline, or another assignment.
  std::optional<HeldOverdue> Hold();

  // Of the referral that is held: the step was taken, `deadline` is the next one. A step that
  // changed something, so that others are to be told, is a version of the referral's history.
  void NoteStep(OverdueStep step, absl::Time deadline, bool is_change, absl::Time now);

  // Of the referral that is held, which somebody has accepted: until when it may stay as it is.
  void SetOutcomeDeadline(absl::Time deadline);

 private:
  db::WriteTx& tx_;
  const Overdue& overdue_;
};

}  // namespace veille::referral
