#include "referral/store/partner_rests.h"

#include "referral/store/worklist_store.h"

namespace veille::referral {
namespace {

using db::Query;

// The row is locked before the deliveries, as a claim does.
constexpr Query kBeginRest{"partner_rests.begin", R"sql(
  INSERT INTO partner_rests AS r (landlord_id, partner_id, until, failures)
  VALUES ($1::uuid, $2::uuid, veille_now(), 1)
  ON CONFLICT (landlord_id, partner_id) DO UPDATE SET failures = r.failures + 1
  WHERE $3::boolean OR r.until <= veille_now()
  RETURNING failures
)sql"};

constexpr Query kLengthenRest{"partner_rests.lengthen", R"sql(
  INSERT INTO partner_rests AS r (landlord_id, partner_id, until, failures)
  VALUES ($1::uuid, $2::uuid, veille_now() + $3::bigint * interval '1 millisecond', 0)
  ON CONFLICT (landlord_id, partner_id) DO UPDATE SET until = greatest(r.until, EXCLUDED.until)
)sql"};

constexpr Query kRestForGood{"partner_rests.for_good", R"sql(
  INSERT INTO partner_rests (landlord_id, partner_id, until, failures)
  VALUES ($1::uuid, $2::uuid, 'infinity', 0)
  ON CONFLICT (landlord_id, partner_id) DO UPDATE SET until = 'infinity'
)sql"};

// Passes over what others hold, and what is being changed by a person: it is put off with the next
// failure, and no claim takes it meanwhile. So this never waits for a lock.
constexpr Query kPutOff{"deliveries.put_off", R"sql(
  WITH waiting AS MATERIALIZED (
    SELECT d.landlord_id, d.delivery_id
    FROM deliveries AS d
    JOIN referrals AS r ON r.landlord_id = d.landlord_id AND r.referral_id = d.referral_id
    WHERE d.landlord_id = $1::uuid AND d.partner_id = $2::uuid AND d.state = 1
      AND d.due_time <= veille_now()
    FOR UPDATE OF d, r SKIP LOCKED)
  UPDATE deliveries AS d
  SET due_time = rest.until, tries = d.tries + 1,
      told_tries = CASE WHEN d.told_tries = 0 AND d.tries + 1 >= $3::integer THEN d.tries + 1
                        ELSE d.told_tries END
  FROM waiting AS w, partner_rests AS rest
  WHERE d.landlord_id = w.landlord_id AND d.delivery_id = w.delivery_id
    AND rest.landlord_id = $1::uuid AND rest.partner_id = $2::uuid
    AND rest.until > veille_now()
  RETURNING d.referral_id, d.assignment_fence, d.is_withdrawal,
            d.tries >= $3::integer AND d.told_tries = d.tries AS is_to_be_told
)sql"};

// The referrals first, as every act does, and then the partner's room: an act that takes one of its
// referrals back has that too, so it either finds the rest, or is found by kTellHeld.
constexpr Query kLockHeld{"deliveries.lock_held", R"sql(
  SELECT r.referral_id
  FROM deliveries AS d
  JOIN referrals AS r ON r.landlord_id = d.landlord_id AND r.referral_id = d.referral_id
  WHERE d.landlord_id = $1::uuid AND d.partner_id = $2::uuid AND d.state IN (1, 2)
    AND d.is_withdrawal AND d.told_tries = 0
  ORDER BY r.referral_id FOR KEY SHARE OF r
)sql"};

constexpr Query kLockOwnRoom{"partner_loads.lock_own", R"sql(
  SELECT partner_id FROM partner_loads
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid FOR UPDATE
)sql"};

// What is under way may not arrive, and is not tried again.
constexpr Query kTellHeld{"deliveries.tell_held", R"sql(
  UPDATE deliveries SET told_tries = greatest(tries, 1)
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND state IN (1, 2)
    AND is_withdrawal AND told_tries = 0
  RETURNING referral_id, assignment_fence, is_withdrawal
)sql"};

constexpr Query kHoldDeliveries{"deliveries.hold", R"sql(
  UPDATE deliveries SET due_time = 'infinity'
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND state = 1
)sql"};

constexpr Query kEndPassingRest{"partner_rests.end_passing", R"sql(
  DELETE FROM partner_rests
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND until < 'infinity'
)sql"};

constexpr Query kEndRest{"partner_rests.end", R"sql(
  DELETE FROM partner_rests WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kBringForward{"deliveries.bring_forward", R"sql(
  UPDATE deliveries SET due_time = veille_now()
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND state = 1
    AND due_time > veille_now()
)sql"};

constexpr Query kUnparkAll{"deliveries.unpark_all", R"sql(
  UPDATE deliveries SET state = 1, due_time = veille_now(), tries = 0, told_tries = 0
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND state = 4
)sql"};

}  // namespace

int PartnerRests::Begin(bool is_probe) {
  const db::Rows rows = tx_.Run(kBeginRest, landlord_, partner_, is_probe);
  return rows.empty() ? 0 : rows[0].Get<int>("failures");
}

void PartnerRests::Lengthen(absl::Duration length) {
  tx_.Run(kLengthenRest, landlord_, partner_, absl::ToInt64Milliseconds(length));
}

std::vector<NotTold> PartnerRests::RestForGood() {
  tx_.Run(kLockHeld, landlord_, partner_);
  tx_.Run(kLockOwnRoom, landlord_, partner_);
  tx_.Run(kRestForGood, landlord_, partner_);
  tx_.Run(kHoldDeliveries, landlord_, partner_);
  std::vector<NotTold> held;
  for (const db::Row row : tx_.Run(kTellHeld, landlord_, partner_)) {
    held.push_back(NotToldFromRow(row));
  }
  return held;
}

std::vector<NotTold> PartnerRests::PutOff(int tries) {
  std::vector<NotTold> long_waiting;
  for (const db::Row row : tx_.Run(kPutOff, landlord_, partner_, tries)) {
    if (row.Get<bool>("is_to_be_told")) long_waiting.push_back(NotToldFromRow(row));
  }
  return long_waiting;
}

void PartnerRests::EndUnlessForGood() {
  if (tx_.Run(kEndPassingRest, landlord_, partner_).affected() == 0) return;
  tx_.Run(kBringForward, landlord_, partner_);
}

void PartnerRests::End() {
  tx_.Run(kEndRest, landlord_, partner_);
  tx_.Run(kBringForward, landlord_, partner_);
  tx_.Run(kUnparkAll, landlord_, partner_);
}

}  // namespace veille::referral
