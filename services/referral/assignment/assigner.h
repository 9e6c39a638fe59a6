#pragma once

// Gives a referral to a partner, inside the transaction of the act that asks for it, a person's or
// the clock's: the assignment with its deadline, its delivery (or, for a partner that is told by
// hand, a line on the worklist) and the partner's count.

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/deadlines.h"
#include "referral/domain/referral.h"
#include "referral/domain/transitions.h"
#include "referral/store/assignment_store.h"
#include "referral/store/delivery_store.h"
#include "referral/store/partner_store.h"
#include "referral/store/referral_store.h"
#include "referral/store/worklist_store.h"

namespace veille::referral {

// What decides who gets it, and until when.
struct Case {
  ids::ReferralId referral;
  Terms terms;
};
Case CaseOf(const Referral& referral);

class Assigner {
 public:
  // For an act at `now`. What it is given outlives it.
  Assigner(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, absl::Time now);

  // A coordinator's decision that the next assignment carries out; it outlives this. What else is
  // on the worklist about who has the referral is then decided with it.
  void CarriesOut(const Decided& decided) { decided_ = &decided; }

  // At the referral's creation: false when no partner covers it.
  bool AssignFirst(const Case& given);

  // To the next covering partner that was never asked: false when there is none. ILLEGAL_TRANSITION
  // when `actor` may not do so now. `declined` is the partner that has just let go of it, if any.
  absl::StatusOr<bool> AssignNext(const Case& given, Actor actor,
                                  std::optional<ids::PartnerId> declined = std::nullopt);

  // To the partner that the coordinator chose, beyond its capacity if need be. PARTNER_NOT_FOUND;
  // ILLEGAL_TRANSITION; a violation of `partner_id` when partners of its kind do not take the need.
  absl::Status AssignTo(const Case& given, ids::PartnerId partner);

  // Tells the partner who has it once more: it has become more urgent, or nobody there has
  // accepted it. False when there is nobody, or who has it has not been told for the first time
  // yet.
  bool TellAgain(const Referral& referral);

  // Pushes it at once to the partner who has it. PARTNER_NOT_PUSHED_TO; REFERRAL_UNASSIGNED.
  absl::Status Redeliver(const Referral& referral);

  // Has the second contact of the partner who has it telephoned; false when there is none.
  bool AskSecondContact(const Referral& referral);

  // Takes the referral from whoever has it, who is told: by its machine, or by a coordinator who
  // telephones.
  void TakeBack(ids::ReferralId referral);

  // A coordinator, or whom it is about, takes it back from everybody: it is CANCELLED, and what is
  // on the worklist about it is decided with it. ILLEGAL_TRANSITION.
  absl::Status Withdraw(ids::ReferralId referral, const Decided& decided,
                        Actor actor = Actor::kCoordinator);

  // Somebody objects: what is open about them is withdrawn.
  absl::Status WithdrawObjected(const std::vector<ids::ReferralId>& open);

  // The partner has one open referral less.
  void LeaveRoom(ids::PartnerId partner) { partners_.LeaveRoom(partner); }

  absl::Time now() const { return now_; }
  ReferralStore& referrals() { return referrals_; }
  AssignmentStore& assignments() { return assignments_; }
  DeliveryStore& deliveries() { return deliveries_; }
  WorklistStore& worklist() { return worklist_; }

  // Appends what call-tracking is told of the referral as it stands now, once per finding that it
  // answers, and gives it.
  absl::StatusOr<Referral> Publish(ids::ReferralId referral);
  // The same for one that this transaction made: it answers one finding. Gives it without its
  // assignments.
  absl::StatusOr<Referral> PublishNew(ids::ReferralId referral);

 private:
  bool Give(const Case& given, const Room& room, Giving giving);

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  const ids::LandlordId landlord_;
  const absl::Time now_;
  const Decided* decided_ = nullptr;
  PartnerStore partners_;
  ReferralStore referrals_;
  AssignmentStore assignments_;
  DeliveryStore deliveries_;
  WorklistStore worklist_;
};

}  // namespace veille::referral
