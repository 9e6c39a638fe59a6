#pragma once

// What happens to a referral that nobody at its partner accepted in time: one step per deadline,
// each with the deadline of the next.
//
//   1. The same partner is told again. Not one that has not been told for the first time yet: its
//      machine is down, or nobody has telephoned.
//   2. A coordinator is to telephone the second contact of the same partner, if it has one.
//   3. The next covering partner with room that was never asked; the ladder begins anew there.
//   4. Nobody is left: a coordinator is told (NOT_ACKNOWLEDGED). From then on, at each deadline,
//      step 3 is tried once more, since a partner may have come or have room again; and the item,
//      if it was only seen, comes back. So a case that nobody accepts never waits unseen.
//
// Who has accepted is not hurried, but asked: when it has said nothing more for long
// (OutcomeDeadline), a coordinator is told (NO_OUTCOME), and again as long after each answer. So a
// case that somebody accepted and forgot comes back to a person too.
//
// An EMERGENCY stands on the worklist as NOT_ACKNOWLEDGED from its first deadline on, besides.
//
// At step 4 the referral stays with the partner that has it and does not become FAILED, which the
// table of transitions would allow: FAILED takes it from that partner, whose late "yes" would be
// refused although nobody else is there to help, and tells the coordinator nothing that the item
// does not tell.

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/store/overdue_store.h"

namespace veille::referral {

enum class OverdueOutcome {
  kNothing,          // somebody else was faster
  kReminded,         // 1
  kSecondContact,    // 2
  kGivenToNext,      // 3
  kCoordinatorTold,  // 4
  kStillWaits,       // 4, and the coordinator has not answered the item yet
  kReckoned,         // accepted: until when it may stay so is known now
  kOutcomeAsked,     // accepted long ago: a coordinator is to ask
};

// Takes the one step that is due, with what it entails, in the transaction.
absl::StatusOr<OverdueOutcome> TakeOverdueStep(db::WriteTx& tx, const privacy::Seal& seal,
                                               const Overdue& overdue);

}  // namespace veille::referral
