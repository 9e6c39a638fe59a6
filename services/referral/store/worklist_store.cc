#include "referral/store/worklist_store.h"

#include <map>
#include <utility>

#include "common/status/macros.h"
#include "referral/errors.h"
#include "referral/store/numbers.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kPutItem{"worklist_items.put", R"sql(
  INSERT INTO worklist_items
    (landlord_id, item_id, referral_id, reason, urgency, state, created_time)
  SELECT landlord_id, $3::uuid, referral_id, $4::smallint, urgency, 1, $5::timestamptz
  FROM referrals
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid
  ON CONFLICT (landlord_id, referral_id, reason) WHERE state = 1 DO NOTHING
)sql"};

// One more partner is a new version: who has telephoned the others has not decided about it.
constexpr Query kPutUntold{"worklist_items.put_untold", R"sql(
  INSERT INTO worklist_items AS i
    (landlord_id, item_id, referral_id, reason, urgency, state, created_time, untold_fences)
  SELECT landlord_id, $3::uuid, referral_id, 8, urgency, 1, $4::timestamptz, ARRAY[$5::bigint]
  FROM referrals
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid
  ON CONFLICT (landlord_id, referral_id, reason) WHERE state = 1 DO UPDATE
    SET untold_fences = i.untold_fences || EXCLUDED.untold_fences, version = i.version + 1
    WHERE NOT i.untold_fences @> EXCLUDED.untold_fences
)sql"};

constexpr Query kGetItem{"worklist_items.get", R"sql(
  SELECT i.item_id, i.referral_id, i.reason, i.urgency, i.state, i.decision, i.note, i.decided_by,
         i.version, i.created_time, i.decided_time, r.need, r.commune_code, r.campaign_id,
         r.state AS referral_state, CASE WHEN r.open_fence > 0 THEN r.partner_id END AS partner_id,
         EXISTS (
           SELECT FROM worklist_items AS o
           WHERE o.landlord_id = i.landlord_id AND o.referral_id = i.referral_id AND o.state = 1
             AND o.item_id <> i.item_id AND o.reason <> 8) AS has_other_item
  FROM worklist_items AS i
  JOIN referrals AS r ON r.landlord_id = i.landlord_id AND r.referral_id = i.referral_id
  WHERE i.landlord_id = $1::uuid AND i.item_id = $2::uuid
)sql"};

constexpr Query kListOpenItems{"worklist_items.list_open", R"sql(
  SELECT i.item_id, i.referral_id, i.reason, i.urgency, i.state, i.decision, i.note, i.decided_by,
         i.version, i.created_time, i.decided_time, r.need, r.commune_code, r.campaign_id,
         r.state AS referral_state, CASE WHEN r.open_fence > 0 THEN r.partner_id END AS partner_id,
         EXISTS (
           SELECT FROM worklist_items AS o
           WHERE o.landlord_id = i.landlord_id AND o.referral_id = i.referral_id AND o.state = 1
             AND o.item_id <> i.item_id AND o.reason <> 8) AS has_other_item
  FROM worklist_items AS i
  JOIN referrals AS r ON r.landlord_id = i.landlord_id AND r.referral_id = i.referral_id
  WHERE i.landlord_id = $1::uuid AND i.state = 1
    AND i.urgency <= $2::smallint AND (i.urgency < $2::smallint OR i.item_id > $3::uuid)
  ORDER BY i.urgency DESC, i.item_id LIMIT $4::integer
)sql"};

constexpr Query kListAllItems{"worklist_items.list_all", R"sql(
  SELECT i.item_id, i.referral_id, i.reason, i.urgency, i.state, i.decision, i.note, i.decided_by,
         i.version, i.created_time, i.decided_time, r.need, r.commune_code, r.campaign_id,
         r.state AS referral_state, CASE WHEN r.open_fence > 0 THEN r.partner_id END AS partner_id,
         EXISTS (
           SELECT FROM worklist_items AS o
           WHERE o.landlord_id = i.landlord_id AND o.referral_id = i.referral_id AND o.state = 1
             AND o.item_id <> i.item_id AND o.reason <> 8) AS has_other_item
  FROM worklist_items AS i
  JOIN referrals AS r ON r.landlord_id = i.landlord_id AND r.referral_id = i.referral_id
  WHERE i.landlord_id = $1::uuid
    AND i.urgency <= $2::smallint AND (i.urgency < $2::smallint OR i.item_id > $3::uuid)
  ORDER BY i.urgency DESC, i.item_id LIMIT $4::integer
)sql"};

// Once the clock has come to the second contact (3), and when it has come to its end (2), that one
// is to be called.
constexpr Query kListCallees{"worklist_items.list_callees", R"sql(
  SELECT i.item_id, a.fence, calls.not_reached, calls.last_not_reached,
         CASE WHEN r.state IN (1, 2) THEN r.acknowledge_deadline END AS acknowledge_deadline,
         CASE WHEN a.overdue_step IN (2, 3) AND p.second_phone <> '' THEN p.second_phone
              ELSE p.contact_phone END AS telephone,
         CASE WHEN a.overdue_step IN (2, 3) THEN p.second_role ELSE '' END AS role
  FROM worklist_items AS i
  JOIN referrals AS r ON r.landlord_id = i.landlord_id AND r.referral_id = i.referral_id
  JOIN assignments AS a ON a.landlord_id = r.landlord_id AND a.referral_id = r.referral_id
    AND a.fence = r.open_fence
  JOIN partners AS p ON p.landlord_id = a.landlord_id AND p.partner_id = a.partner_id
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS not_reached, max(c.answered_time) AS last_not_reached
    FROM partner_answers AS c
    WHERE c.landlord_id = a.landlord_id AND c.referral_id = a.referral_id AND c.fence = a.fence
      AND c.answer = 1) AS calls
  WHERE i.landlord_id = $1::uuid AND i.item_id = ANY($2::uuid[]) AND i.state = 1
)sql"};

constexpr Query kListUntold{"worklist_items.list_untold", R"sql(
  SELECT i.item_id, a.fence, a.partner_id, p.contact_phone AS telephone
  FROM worklist_items AS i
  JOIN assignments AS a ON a.landlord_id = i.landlord_id AND a.referral_id = i.referral_id
    AND a.fence = ANY(i.untold_fences)
  JOIN partners AS p ON p.landlord_id = a.landlord_id AND p.partner_id = a.partner_id
  WHERE i.landlord_id = $1::uuid AND i.item_id = ANY($2::uuid[]) AND i.state = 1
  ORDER BY i.item_id, a.fence
)sql"};

constexpr Query kDecideItem{"worklist_items.decide", R"sql(
  UPDATE worklist_items
  SET state = 2, decision = $3::smallint, note = $4::bytea, decided_by = $5,
      decided_time = $6::timestamptz, version = version + 1
  WHERE landlord_id = $1::uuid AND item_id = $2::uuid AND state = 1
)sql"};

constexpr Query kDecideRest{"worklist_items.decide_rest", R"sql(
  UPDATE worklist_items
  SET state = 2, decision = $3::smallint, decided_by = $4, decided_time = $5::timestamptz,
      version = version + 1
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid AND state = 1
    AND reason = ANY($6::integer[])
)sql"};

}  // namespace

NotTold NotToldFromRow(const db::Row& row) {
  return NotTold{.referral = row.Get<ids::ReferralId>("referral_id"),
                 .fence = row.Get<int64_t>("assignment_fence"),
                 .is_withdrawal = row.Get<bool>("is_withdrawal")};
}

bool WorklistStore::Put(ids::ReferralId referral, WorklistReason reason, absl::Time now) {
  return tx_.Run(kPutItem, landlord_, referral, WorklistItemId::Random(), static_cast<int>(reason),
                 now)
             .affected() > 0;
}

void WorklistStore::PutUntold(ids::ReferralId referral, int64_t fence, absl::Time now) {
  tx_.Run(kPutUntold, landlord_, referral, WorklistItemId::Random(), now, fence);
}

void WorklistStore::PutNotTold(const NotTold& push, absl::Time now) {
  if (push.is_withdrawal) {
    PutUntold(push.referral, push.fence, now);
  } else {
    Put(push.referral, WorklistReason::kNotDelivered, now);
  }
}

WorklistItem WorklistStore::FromRow(const db::Row& row) const {
  WorklistItem item;
  item.id = row.Get<WorklistItemId>("item_id");
  item.referral = row.Get<ids::ReferralId>("referral_id");
  item.reason = static_cast<WorklistReason>(row.Get<int>("reason"));
  item.urgency = static_cast<Urgency>(row.Get<int>("urgency"));
  item.commune = row.Get<std::string>("commune_code");
  item.situation = {.state = static_cast<ReferralState>(row.Get<int>("referral_state")),
                    .partner = row.Find<ids::PartnerId>("partner_id").value_or(ids::PartnerId()),
                    .has_other_item = row.Get<bool>("has_other_item"),
                    .is_about_earlier = item.reason == WorklistReason::kWithdrawalNotTold};
  item.state = static_cast<WorklistItemState>(row.Get<int>("state"));
  item.decision = static_cast<WorklistDecision>(row.Get<int>("decision"));
  item.decided_by = row.Get<std::string>("decided_by");
  item.version = row.Get<int64_t>("version");
  item.create_time = row.Get<absl::Time>("created_time");
  item.decide_time = row.Find<absl::Time>("decided_time");
  if (!OpenSealed(row, item).ok()) LogUnreadable(item.referral);
  return item;
}

absl::Status WorklistStore::OpenSealed(const db::Row& row, WorklistItem& item) const {
  const auto campaign = row.Get<ids::CampaignId>("campaign_id");
  ASSIGN_OR_RETURN(const int need,
                   SealedRow(seal_, "referrals", landlord_, campaign, item.referral.uuid())
                       .OpenNumber("need", row.Get<db::Bytes>("need")));
  item.need = static_cast<Need>(need);
  ASSIGN_OR_RETURN(item.note,
                   SealedRow(seal_, "worklist_items", landlord_, campaign, item.id.uuid())
                       .Open("note", row.Get<db::Bytes>("note")));
  return absl::OkStatus();
}

void WorklistStore::ReadCallees(std::vector<WorklistItem>& items) {
  std::vector<WorklistItemId> ids;
  std::vector<WorklistItemId> about_earlier;
  std::map<WorklistItemId, WorklistItem*> by_id;
  for (WorklistItem& item : items) {
    (item.situation.is_about_earlier ? about_earlier : ids).push_back(item.id);
    by_id[item.id] = &item;
  }
  if (!about_earlier.empty()) {
    for (const db::Row row : tx_.Run(kListUntold, landlord_, about_earlier)) {
      by_id[row.Get<WorklistItemId>("item_id")]->untold.push_back(
          {.partner = row.Get<ids::PartnerId>("partner_id"),
           .fence = row.Get<int64_t>("fence"),
           .telephone = row.Get<std::string>("telephone")});
    }
  }
  for (const db::Row row : tx_.Run(kListCallees, landlord_, ids)) {
    by_id[row.Get<WorklistItemId>("item_id")]->callee =
        Callee{.fence = row.Get<int64_t>("fence"),
               .telephone = row.Get<std::string>("telephone"),
               .role = row.Get<std::string>("role"),
               .acknowledge_deadline = row.Find<absl::Time>("acknowledge_deadline"),
               .not_reached = row.Get<int>("not_reached"),
               .last_not_reached = row.Find<absl::Time>("last_not_reached")};
  }
}

absl::StatusOr<WorklistItem> WorklistStore::Get(WorklistItemId item) {
  const db::Rows rows = tx_.Run(kGetItem, landlord_, item);
  if (rows.empty()) return errors::WorklistItemNotFound();
  std::vector<WorklistItem> found = {FromRow(rows[0])};
  ReadCallees(found);
  return std::move(found[0]);
}

std::vector<WorklistItem> WorklistStore::List(bool include_decided, int urgency, ids::Uuid after,
                                              int limit) {
  const db::Rows rows = include_decided ? tx_.Run(kListAllItems, landlord_, urgency, after, limit)
                                        : tx_.Run(kListOpenItems, landlord_, urgency, after, limit);
  std::vector<WorklistItem> items;
  for (const db::Row row : rows) items.push_back(FromRow(row));
  ReadCallees(items);
  return items;
}

bool WorklistStore::Decide(const WorklistItem& item, ids::CampaignId campaign,
                           const Decided& decided, absl::Time now) {
  db::Bytes note;
  if (!decided.note.empty()) {
    note = SealedRow(seal_, "worklist_items", landlord_, campaign, item.id.uuid())
               .Close("note", decided.note);
  }
  return tx_.Run(kDecideItem, landlord_, item.id, static_cast<int>(decided.decision), note,
                 decided.by, now)
             .affected() > 0;
}

void WorklistStore::DecideRest(ids::ReferralId referral, std::span<const WorklistReason> reasons,
                               const Decided& decided, absl::Time now) {
  tx_.Run(kDecideRest, landlord_, referral, static_cast<int>(decided.decision), decided.by, now,
          NumbersOf(std::vector(reasons.begin(), reasons.end())));
}

}  // namespace veille::referral
