#include "referral/store/overdue_store.h"

#include "referral/domain/transitions.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kListOverdue{"referrals.list_overdue", R"sql(
  SELECT landlord_id, referral_id, open_fence, deadline
  FROM list_overdue_referrals($1::timestamptz, $2::uuid, $3::integer)
)sql"};

constexpr Query kHoldOverdue{"referrals.hold_overdue", R"sql(
  SELECT a.overdue_step, veille_now() AS now, r.outcome_deadline = '-infinity' AS is_unreckoned
  FROM referrals AS r
  JOIN assignments AS a ON a.landlord_id = r.landlord_id AND a.referral_id = r.referral_id
    AND a.fence = r.open_fence
  WHERE r.landlord_id = $1::uuid AND r.referral_id = $2::uuid AND r.open_fence = $3::bigint
    AND (r.state IN (1, 2) AND r.acknowledge_deadline <= veille_now()
         OR r.state IN (3, 4) AND r.outcome_deadline <= veille_now())
  FOR UPDATE OF r SKIP LOCKED
)sql"};

constexpr Query kNoteStep{"referrals.note_overdue_step", R"sql(
  WITH stepped AS (
    UPDATE assignments SET overdue_step = $4::smallint
    WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND fence = $3::bigint),
  noted AS (
    UPDATE referrals
    SET acknowledge_deadline = $5::timestamptz,
        version = version + CASE WHEN $6::boolean THEN 1 ELSE 0 END,
        updated_time = CASE WHEN $6::boolean THEN $7::timestamptz ELSE updated_time END
    WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND open_fence = $3::bigint
    RETURNING landlord_id, referral_id, version, state, open_fence)
  INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, open_fence, event_time)
  SELECT landlord_id, referral_id, version, state, $8::smallint, open_fence, $7::timestamptz
  FROM noted WHERE $6::boolean
)sql"};

constexpr Query kSetOutcomeDeadline{"referrals.set_outcome_deadline", R"sql(
  UPDATE referrals SET outcome_deadline = $4::timestamptz
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND open_fence = $3::bigint
)sql"};

}  // namespace

std::vector<Overdue> ListOverdue(db::ReadTx& tx, const Overdue& after, int limit) {
  std::vector<Overdue> all;
  for (const db::Row row : tx.Run(kListOverdue, after.deadline, after.referral, limit)) {
    all.push_back({.landlord = row.Get<ids::LandlordId>("landlord_id"),
                   .referral = row.Get<ids::ReferralId>("referral_id"),
                   .fence = row.Get<int64_t>("open_fence"),
                   .deadline = row.Get<absl::Time>("deadline")});
  }
  return all;
}

std::optional<HeldOverdue> OverdueStore::Hold() {
  const db::Rows rows = tx_.Run(kHoldOverdue, overdue_.landlord, overdue_.referral, overdue_.fence);
  if (rows.empty()) return std::nullopt;
  return HeldOverdue{.step = static_cast<OverdueStep>(rows[0].Get<int>("overdue_step")),
                     .now = rows[0].Get<absl::Time>("now"),
                     .is_unreckoned = rows[0].Get<bool>("is_unreckoned")};
}

void OverdueStore::NoteStep(OverdueStep step, absl::Time deadline, bool is_change, absl::Time now) {
  tx_.Queue(kNoteStep, overdue_.landlord, overdue_.referral, overdue_.fence, static_cast<int>(step),
            deadline, is_change, now, static_cast<int>(Actor::kClock));
}

void OverdueStore::SetOutcomeDeadline(absl::Time deadline) {
  tx_.Queue(kSetOutcomeDeadline, overdue_.landlord, overdue_.referral, overdue_.fence, deadline);
}

}  // namespace veille::referral
