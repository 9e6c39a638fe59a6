#pragma once

// The delivery of one assignment, as far as the acts of people concern it. The engine's side is
// DeliveryQueue.

#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::referral {

class DeliveryStore {
 public:
  DeliveryStore(db::WriteTx& tx, ids::LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  // Due at once.
  void Insert(ids::ReferralId referral, int64_t assignment_fence, ids::PartnerId partner);

  // The assignment was answered before its receipt came: nothing is left to push.
  void Settle(ids::ReferralId referral, int64_t assignment_fence);

  // The assignment was ended by its partner: what has not gone out must not go out.
  void Withdraw(ids::ReferralId referral, int64_t assignment_fence);

  // The assignment was taken from its partner: its machine is told so if it may have heard of it,
  // or somebody there has (`is_received`). False when a person must tell it: it has no machine, or
  // nothing is pushed to that until a person resumes the partner.
  bool TellWithdrawn(ids::ReferralId referral, int64_t assignment_fence, bool is_received);

  // A person wants it pushed at once, whatever became of it; false when there is nothing to push.
  bool Redeliver(ids::ReferralId referral, int64_t assignment_fence);

  // All that the partner was given from then on is pushed again; how many.
  int Replay(ids::PartnerId partner, absl::Time from);

  // The partner must hear of the referral again: what was delivered is delivered again. False when
  // it has not been delivered yet, so that nothing is to be repeated.
  bool Repeat(ids::ReferralId referral);

  // A person wants a parked delivery to be tried again; false when who has the referral has none,
  // or is suspended.
  bool Unpark(ids::ReferralId referral);

 private:
  db::WriteTx& tx_;
  ids::LandlordId landlord_;
};

// The statements themselves, for what measures them.
const db::Query& InsertDeliveryQuery();

}  // namespace veille::referral
