#include "referral/store/objection_store.h"

namespace veille::referral {
namespace {

using db::Query;

// Creations beside each other, an objection alone.
constexpr Query kShareHousehold{"objections.share_household", R"sql(
  SELECT pg_advisory_xact_lock_shared(hashtextextended($1::uuid::text || $2::uuid::text, 0))
)sql"};

constexpr Query kHoldHousehold{"objections.hold_household", R"sql(
  SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text, 0))
)sql"};

constexpr Query kTakeObjection{"objections.take", R"sql(
  INSERT INTO objections (landlord_id, household_id, version, tenant_ids, taken_time)
  VALUES ($1::uuid, $2::uuid, $3::bigint, $4::uuid[], $5::timestamptz)
  ON CONFLICT (landlord_id, household_id, version) DO NOTHING
)sql"};

constexpr Query kLockOpenOfHousehold{"referrals.lock_open_of_household", R"sql(
  SELECT referral_id FROM referrals
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid AND state NOT IN (5, 7)
    AND (cardinality($3::uuid[]) = 0 OR tenant_id = ANY ($3::uuid[]))
  ORDER BY referral_id FOR UPDATE
)sql"};

}  // namespace

const db::Query& ShareHouseholdQuery() { return kShareHousehold; }

bool ObjectionStore::Take(const Objection& objection, absl::Time now) {
  tx_.Queue(kHoldHousehold, landlord_, objection.household);
  return tx_.Run(kTakeObjection, landlord_, objection.household, objection.version,
                 objection.tenants, now)
             .affected() > 0;
}

void ObjectionStore::HoldOff(ids::HouseholdId household) {
  tx_.Queue(kShareHousehold, landlord_, household);
}

std::vector<ids::ReferralId> ObjectionStore::LockOpen(const Objection& objection) {
  std::vector<ids::ReferralId> open;
  for (const db::Row row :
       tx_.Run(kLockOpenOfHousehold, landlord_, objection.household, objection.tenants)) {
    open.push_back(row.Get<ids::ReferralId>("referral_id"));
  }
  return open;
}

}  // namespace veille::referral
