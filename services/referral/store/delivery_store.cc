#include "referral/store/delivery_store.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kInsertDelivery{"deliveries.insert", R"sql(
  INSERT INTO deliveries
    (landlord_id, delivery_id, referral_id, assignment_fence, partner_id, state, due_time)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5::uuid, 1, veille_now())
)sql"};

constexpr Query kSettleDelivery{"deliveries.settle", R"sql(
  UPDATE deliveries SET state = 3
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND assignment_fence = $3::bigint
    AND state IN (1, 2, 4)
)sql"};

// Of this assignment alone: an earlier one may wait for its withdrawal to be told.
constexpr Query kWithdrawDelivery{"deliveries.withdraw", R"sql(
  UPDATE deliveries SET state = 5
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND assignment_fence = $3::bigint
    AND state IN (1, 2, 4)
)sql"};

// As another message; an end of the push in flight changes nothing any more. What was never claimed
// has never gone out, and what is DELIVERED without that was answered by the partner itself.
// Nothing is pushed to a partner that rests until a person resumes it: what waits for that is told
// to a coordinator at once, not after some tries.
constexpr Query kTellWithdrawn{"deliveries.tell_withdrawn", R"sql(
  WITH resting AS (
    SELECT partner_id FROM partner_rests WHERE landlord_id = $1::uuid AND until = 'infinity')
  UPDATE deliveries
  SET is_withdrawal = $4::boolean OR fence > 0 OR state = 3,
      state = CASE WHEN $4::boolean OR fence > 0 OR state = 3 THEN 1 ELSE 5 END,
      due_time = CASE WHEN partner_id IN (SELECT partner_id FROM resting) THEN 'infinity'
                      ELSE veille_now() END,
      tries = 0, message_number = message_number + 1,
      told_tries = CASE WHEN partner_id IN (SELECT partner_id FROM resting) THEN 1 ELSE 0 END
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND assignment_fence = $3::bigint
    AND state <> 5
  RETURNING is_withdrawal AND told_tries > 0 AS is_held
)sql"};

constexpr Query kRedeliver{"deliveries.redeliver", R"sql(
  UPDATE deliveries SET state = 1, due_time = veille_now(), tries = 0, message_number = message_number + 1, told_tries = 0
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND assignment_fence = $3::bigint
)sql"};

// Of assignments that still stand, and withdrawals of those that were superseded. What a partner
// has closed or declined itself is over for it.
constexpr Query kReplayDeliveries{"deliveries.replay", R"sql(
  UPDATE deliveries AS d SET state = 1, due_time = veille_now(), tries = 0, message_number = d.message_number + 1, told_tries = 0
  FROM assignments AS a
  WHERE a.landlord_id = $1::uuid AND a.partner_id = $2::uuid
    AND a.assigned_time >= $3::timestamptz
    AND d.landlord_id = a.landlord_id AND d.referral_id = a.referral_id
    AND d.assignment_fence = a.fence AND (a.state = 1 OR d.is_withdrawal)
)sql"};

// Of who has the referral: what an earlier partner is still to be told is another matter.
constexpr Query kUnparkDelivery{"deliveries.unpark", R"sql(
  UPDATE deliveries AS d SET state = 1, due_time = veille_now(), tries = 0, told_tries = 0
  FROM referrals AS r
  WHERE r.landlord_id = $1::uuid AND r.referral_id = $2::uuid AND d.landlord_id = r.landlord_id
    AND d.referral_id = r.referral_id AND d.assignment_fence = r.open_fence AND d.state IN (1, 4)
    AND NOT EXISTS (
      SELECT FROM partner_rests AS rest
      WHERE rest.landlord_id = d.landlord_id AND rest.partner_id = d.partner_id
        AND rest.until = 'infinity')
)sql"};

// One in flight ends as if it had never gone out: it may have left before the change.
constexpr Query kRepeatDelivery{"deliveries.repeat", R"sql(
  UPDATE deliveries AS d SET state = 1, due_time = veille_now(), tries = 0, message_number = d.message_number + 1, told_tries = 0
  FROM referrals AS r
  WHERE r.landlord_id = $1::uuid AND r.referral_id = $2::uuid AND r.open_fence > 0
    AND d.landlord_id = r.landlord_id AND d.referral_id = r.referral_id
    AND d.assignment_fence = r.open_fence AND d.state IN (2, 3)
)sql"};

}  // namespace

const db::Query& InsertDeliveryQuery() { return kInsertDelivery; }

void DeliveryStore::Insert(ids::ReferralId referral, int64_t assignment_fence,
                           ids::PartnerId partner) {
  tx_.Queue(kInsertDelivery, landlord_, ids::Uuid::Random(), referral, assignment_fence, partner);
}

void DeliveryStore::Settle(ids::ReferralId referral, int64_t assignment_fence) {
  tx_.Run(kSettleDelivery, landlord_, referral, assignment_fence);
}

void DeliveryStore::Withdraw(ids::ReferralId referral, int64_t assignment_fence) {
  tx_.Run(kWithdrawDelivery, landlord_, referral, assignment_fence);
}

bool DeliveryStore::TellWithdrawn(ids::ReferralId referral, int64_t assignment_fence,
                                  bool is_received) {
  const db::Rows rows = tx_.Run(kTellWithdrawn, landlord_, referral, assignment_fence, is_received);
  return rows.empty() ? !is_received : !rows[0].Get<bool>("is_held");
}

bool DeliveryStore::Redeliver(ids::ReferralId referral, int64_t assignment_fence) {
  return tx_.Run(kRedeliver, landlord_, referral, assignment_fence).affected() > 0;
}

int DeliveryStore::Replay(ids::PartnerId partner, absl::Time from) {
  return static_cast<int>(tx_.Run(kReplayDeliveries, landlord_, partner, from).affected());
}

bool DeliveryStore::Repeat(ids::ReferralId referral) {
  return tx_.Run(kRepeatDelivery, landlord_, referral).affected() > 0;
}

bool DeliveryStore::Unpark(ids::ReferralId referral) {
  return tx_.Run(kUnparkDelivery, landlord_, referral).affected() > 0;
}

}  // namespace veille::referral
