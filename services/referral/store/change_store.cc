#include "referral/store/change_store.h"

#include <algorithm>
#include <map>

namespace veille::referral {
namespace {

using db::Query;

// Each landlord has a row at least: an empty one tells the horizon.
constexpr Query kListChanges{"referral_events.list_changes", R"sql(
  SELECT w.landlord_id, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
         c.change_xid::text::bigint AS change_xid, c.referral_id, c.version, c.state, c.campaign_id,
         c.urgency, c.partner_id, c.open_fence, c.event_time
  FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[])
    AS w (landlord_id, change_xid, referral_id, version)
  LEFT JOIN LATERAL (
    SELECT e.change_xid, e.referral_id, e.version, e.state, r.campaign_id, r.urgency, a.partner_id,
           e.open_fence, e.event_time
    FROM referral_events AS e
    JOIN referrals AS r ON r.landlord_id = e.landlord_id AND r.referral_id = e.referral_id
    LEFT JOIN assignments AS a ON a.landlord_id = e.landlord_id AND a.referral_id = e.referral_id
      AND a.fence = e.open_fence
    WHERE e.landlord_id = w.landlord_id
      AND (e.change_xid, e.referral_id, e.version)
          > (w.change_xid::text::xid8, w.referral_id, w.version)
      AND e.change_xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY e.change_xid, e.referral_id, e.version LIMIT $5::integer) AS c ON true
  ORDER BY w.landlord_id, c.change_xid, c.referral_id, c.version
)sql"};

constexpr Query kReadHorizon{"referral_events.horizon", R"sql(
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon
)sql"};

ReferralChange ChangeFromRow(const db::Row& row) {
  return ReferralChange{
      .place = {.transaction = row.Get<int64_t>("change_xid"),
                .referral = row.Get<ids::ReferralId>("referral_id"),
                .version = row.Get<int64_t>("version")},
      .state = static_cast<ReferralState>(row.Get<int>("state")),
      .campaign = row.Get<ids::CampaignId>("campaign_id"),
      .urgency = static_cast<Urgency>(row.Get<int>("urgency")),
      .partner = row.Find<ids::PartnerId>("partner_id").value_or(ids::PartnerId()),
      .fence = row.Get<int64_t>("open_fence"),
      .change_time = row.Get<absl::Time>("event_time")};
}

}  // namespace

std::vector<ChangePage> ReadChanges(db::ReadTx& tx, const std::vector<ChangesAfter>& after,
                                    int limit) {
  std::vector<ids::LandlordId> landlords;
  std::vector<int64_t> transactions;
  std::vector<ids::ReferralId> referrals;
  std::vector<int64_t> versions;
  std::map<ids::LandlordId, size_t> place_of;
  std::vector<ChangePage> pages;
  for (const ChangesAfter& one : after) {
    landlords.push_back(one.landlord);
    transactions.push_back(one.place.transaction);
    referrals.push_back(one.place.referral);
    versions.push_back(one.place.version);
    place_of[one.landlord] = pages.size();
    pages.push_back({.begin = one.place, .changes = {}, .end = one.place});
  }
  int64_t horizon = 0;
  for (const db::Row row :
       tx.Run(kListChanges, landlords, transactions, referrals, versions, limit)) {
    horizon = row.Get<int64_t>("horizon");
    if (!row.Find<int64_t>("change_xid").has_value()) continue;
    pages[place_of[row.Get<ids::LandlordId>("landlord_id")]].changes.push_back(ChangeFromRow(row));
  }
  for (ChangePage& page : pages) {
    const bool is_full = page.changes.size() >= static_cast<size_t>(limit);
    page.end = is_full ? page.changes.back().place
                       : std::max(page.end, ChangePlace{.transaction = horizon});
  }
  return pages;
}

ChangePlace ReadHorizon(db::ReadTx& tx) {
  return ChangePlace{.transaction = tx.Run(kReadHorizon)[0].Get<int64_t>("horizon")};
}

}  // namespace veille::referral
