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

constexpr Query kWithdrawDeliveries{"deliveries.withdraw", R"sql(
  UPDATE deliveries SET state = 5
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state IN (1, 2, 4)
)sql"};

constexpr Query kUnparkDelivery{"deliveries.unpark", R"sql(
  UPDATE deliveries SET state = 1, due_time = veille_now(), tries = 0
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state IN (1, 4)
)sql"};

// One in flight ends as if it had never gone out: it may have left before the change.
constexpr Query kRepeatDelivery{"deliveries.repeat", R"sql(
  UPDATE deliveries AS d SET state = 1, due_time = veille_now(), tries = 0
  FROM referrals AS r
  WHERE r.landlord_id = $1::uuid AND r.referral_id = $2::uuid AND r.open_fence > 0
    AND d.landlord_id = r.landlord_id AND d.referral_id = r.referral_id
    AND d.assignment_fence = r.open_fence AND d.state IN (2, 3)
)sql"};

}  // namespace

void DeliveryStore::Insert(ids::ReferralId referral, int64_t assignment_fence,
                           ids::PartnerId partner) {
  tx_.Run(kInsertDelivery, landlord_, ids::Uuid::Random(), referral, assignment_fence, partner);
}

void DeliveryStore::Settle(ids::ReferralId referral, int64_t assignment_fence) {
  tx_.Run(kSettleDelivery, landlord_, referral, assignment_fence);
}

void DeliveryStore::Withdraw(ids::ReferralId referral) {
  tx_.Run(kWithdrawDeliveries, landlord_, referral);
}

bool DeliveryStore::Repeat(ids::ReferralId referral) {
  return tx_.Run(kRepeatDelivery, landlord_, referral).affected() > 0;
}

bool DeliveryStore::Unpark(ids::ReferralId referral) {
  return tx_.Run(kUnparkDelivery, landlord_, referral).affected() > 0;
}

}  // namespace veille::referral
