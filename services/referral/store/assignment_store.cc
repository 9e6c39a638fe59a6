#include "referral/store/assignment_store.h"

#include "referral/store/numbers.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kFindOwn{"assignments.find_own", R"sql(
  SELECT a.assignment_id, a.partner_id, a.state, a.assigned_time, r.campaign_id,
         r.last_fence = a.fence AS is_last
  FROM assignments AS a
  JOIN referrals AS r ON r.landlord_id = a.landlord_id AND r.referral_id = a.referral_id
  WHERE a.landlord_id = $1::uuid AND a.referral_id = $2::uuid AND a.fence = $3::bigint
    AND a.partner_id = $4::uuid
)sql"};

constexpr Query kFindAssignment{"assignments.find", R"sql(
  SELECT a.assignment_id, a.partner_id, a.state, a.assigned_time, r.campaign_id,
         r.last_fence = a.fence AS is_last
  FROM assignments AS a
  JOIN referrals AS r ON r.landlord_id = a.landlord_id AND r.referral_id = a.referral_id
  WHERE a.landlord_id = $1::uuid AND a.referral_id = $2::uuid AND a.fence = $3::bigint
)sql"};

constexpr Query kListAsked{"assignments.list_asked", R"sql(
  SELECT DISTINCT partner_id FROM assignments
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid
)sql"};

constexpr Query kOpenAssignment{"assignments.open", R"sql(
  WITH given AS (
    UPDATE referrals
    SET state = 1, version = version + $6::bigint, last_fence = last_fence + 1,
        open_fence = last_fence + 1, partner_id = $3::uuid,
        acknowledge_deadline = $7::timestamptz, updated_time = $8::timestamptz
    WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state = ANY($5::integer[])
    RETURNING landlord_id, referral_id, version, state, last_fence),
  noted AS (
    INSERT INTO referral_events
      (landlord_id, referral_id, version, state, actor, open_fence, event_time)
    SELECT landlord_id, referral_id, version, state, $9::smallint, last_fence, $8::timestamptz
    FROM given
    ON CONFLICT (landlord_id, referral_id, version)
      DO UPDATE SET open_fence = EXCLUDED.open_fence)
  INSERT INTO assignments
    (landlord_id, referral_id, fence, assignment_id, partner_id, state, assigned_time)
  SELECT landlord_id, referral_id, last_fence, $4::uuid, $3::uuid, 1, $8::timestamptz FROM given
  RETURNING fence
)sql"};

constexpr Query kSupersede{"assignments.supersede", R"sql(
  UPDATE assignments SET state = 4, ended_time = $3::timestamptz
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state = 1
  RETURNING partner_id, fence, received_time IS NOT NULL AS is_received
)sql"};

constexpr Query kMarkReceived{"assignments.receive", R"sql(
  UPDATE assignments SET received_time = coalesce(received_time, $4::timestamptz)
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND fence = $3::bigint AND state = 1
)sql"};

constexpr Query kMarkAccepted{"assignments.accept", R"sql(
  UPDATE assignments
  SET accepted_time = $4::timestamptz, received_time = coalesce(received_time, $4::timestamptz)
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND fence = $3::bigint AND state = 1
)sql"};

constexpr Query kEndAssignment{"assignments.end", R"sql(
  UPDATE assignments
  SET state = $4::smallint, decline_reason = $5::smallint, note = $6::bytea,
      ended_time = $7::timestamptz
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND fence = $3::bigint AND state = 1
)sql"};

std::optional<OwnAssignment> FromRows(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const db::Row row = rows[0];
  return OwnAssignment{.id = row.Get<AssignmentId>("assignment_id"),
                       .partner = row.Get<ids::PartnerId>("partner_id"),
                       .campaign = row.Get<ids::CampaignId>("campaign_id"),
                       .state = static_cast<AssignmentState>(row.Get<int>("state")),
                       .is_last = row.Get<bool>("is_last"),
                       .assign_time = row.Get<absl::Time>("assigned_time")};
}

}  // namespace

const db::Query& OpenAssignmentQuery() { return kOpenAssignment; }

std::optional<OwnAssignment> AssignmentStore::FindOwn(ids::PartnerId partner,
                                                      ids::ReferralId referral, int64_t fence) {
  return FromRows(tx_.Run(kFindOwn, landlord_, referral, fence, partner));
}

std::optional<OwnAssignment> AssignmentStore::Find(ids::ReferralId referral, int64_t fence) {
  return FromRows(tx_.Run(kFindAssignment, landlord_, referral, fence));
}

std::vector<ids::PartnerId> AssignmentStore::ListAsked(ids::ReferralId referral) {
  std::vector<ids::PartnerId> asked;
  for (const db::Row row : tx_.Run(kListAsked, landlord_, referral)) {
    asked.push_back(row.Get<ids::PartnerId>("partner_id"));
  }
  return asked;
}

std::optional<int64_t> AssignmentStore::Open(const Giving& giving, absl::Time now) {
  const db::Rows rows =
      tx_.Run(kOpenAssignment, landlord_, giving.referral, giving.partner, AssignmentId::Random(),
              NumbersOf(giving.from), giving.is_first ? 0 : 1, giving.acknowledge_deadline, now,
              static_cast<int>(giving.actor));
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<int64_t>("fence");
}

std::optional<Superseded> AssignmentStore::Supersede(ids::ReferralId referral, absl::Time now) {
  const db::Rows rows = tx_.Run(kSupersede, landlord_, referral, now);
  if (rows.empty()) return std::nullopt;
  return Superseded{.partner = rows[0].Get<ids::PartnerId>("partner_id"),
                    .fence = rows[0].Get<int64_t>("fence"),
                    .is_received = rows[0].Get<bool>("is_received")};
}

void AssignmentStore::MarkReceived(ids::ReferralId referral, int64_t fence, absl::Time said) {
  tx_.Run(kMarkReceived, landlord_, referral, fence, said);
}

void AssignmentStore::MarkAccepted(ids::ReferralId referral, int64_t fence, absl::Time said) {
  tx_.Run(kMarkAccepted, landlord_, referral, fence, said);
}

void AssignmentStore::End(const OwnAssignment& own, ids::ReferralId referral, int64_t fence,
                          const AssignmentEnd& end, absl::Time now) {
  db::Bytes note;
  if (!end.note.empty()) {
    note = SealedRow(seal_, "assignments", landlord_, own.campaign, own.id.uuid())
               .Close("note", end.note);
  }
  tx_.Run(kEndAssignment, landlord_, referral, fence, static_cast<int>(end.state),
          static_cast<int>(end.reason), note, now);
}

}  // namespace veille::referral
