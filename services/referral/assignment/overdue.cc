#include "referral/assignment/overdue.h"

#include "common/status/macros.h"
#include "referral/assignment/assigner.h"

namespace veille::referral {
namespace {

// Nothing moves, and nobody else is to be told.
OverdueOutcome AskForOutcome(Assigner& assigner, OverdueStore& store, const HeldOverdue& held,
                             const Referral& referral) {
  const Terms terms = CaseOf(referral).terms;
  if (held.is_unreckoned) {
    store.SetOutcomeDeadline(OutcomeDeadline(terms, referral.update_time));
    return OverdueOutcome::kReckoned;
  }
  const bool is_new = assigner.worklist().Put(referral.id, WorklistReason::kNoOutcome, held.now);
  store.SetOutcomeDeadline(OutcomeDeadline(terms, held.now));
  return is_new ? OverdueOutcome::kOutcomeAsked : OverdueOutcome::kStillWaits;
}

}  // namespace

absl::StatusOr<OverdueOutcome> TakeOverdueStep(db::WriteTx& tx, const privacy::Seal& seal,
                                               const Overdue& overdue) {
  OverdueStore store(tx, overdue);
  const auto held = store.Hold();
  if (!held.has_value()) return OverdueOutcome::kNothing;
  const absl::Time now = held->now;
  Assigner assigner(tx, seal, overdue.landlord, now);
  ASSIGN_OR_RETURN(const Referral referral, assigner.referrals().Get(overdue.referral));
  if (referral.state == ReferralState::kAccepted || referral.state == ReferralState::kInProgress) {
    return AskForOutcome(assigner, store, *held, referral);
  }
  const Case given = CaseOf(referral);
  const auto tell_coordinator = [&] {
    return assigner.worklist().Put(referral.id, WorklistReason::kNotAcknowledged, now);
  };

  auto outcome = OverdueOutcome::kStillWaits;
  const bool is_told =
      referral.urgency == Urgency::kEmergency && tell_coordinator();  // before all else
  const auto note_step = [&](OverdueStep step) {
    store.NoteStep(step, NextStep(given.terms, now), /*is_change=*/true, now);
  };
  const bool is_first = held->step == OverdueStep::kNone;
  if (is_first && assigner.TellAgain(referral)) {
    outcome = OverdueOutcome::kReminded;
    note_step(OverdueStep::kReminded);
  } else if ((is_first || held->step == OverdueStep::kReminded) &&
             assigner.AskSecondContact(referral)) {
    outcome = OverdueOutcome::kSecondContact;
    note_step(OverdueStep::kSecondContact);
  } else {
    ASSIGN_OR_RETURN(const bool is_given, assigner.AssignNext(given, Actor::kClock));
    if (is_given) {
      outcome = OverdueOutcome::kGivenToNext;
    } else {
      if (tell_coordinator() || is_told) outcome = OverdueOutcome::kCoordinatorTold;
      store.NoteStep(OverdueStep::kCoordinatorTold, NextLook(given.terms, now),
                     /*is_change=*/outcome == OverdueOutcome::kCoordinatorTold, now);
    }
  }
  if (outcome != OverdueOutcome::kStillWaits) {
    RETURN_IF_ERROR(assigner.Publish(referral.id).status());
  }
  return outcome;
}

}  // namespace veille::referral
