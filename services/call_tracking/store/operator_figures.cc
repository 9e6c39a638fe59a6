#include "call_tracking/store/operator_figures.h"

#include <string>

#include "call_tracking/domain/names.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kCountLiveLeases{"leases.count_live", "SELECT count_live_leases() AS leases"};

constexpr Query kCountDecisions{"cohort_households.count_to_decide", R"sql(
  SELECT decision_reason, households, oldest FROM count_households_to_decide()
)sql"};

constexpr Query kFindRunning{"campaigns.find_next_running", R"sql(
  SELECT landlord_id, campaign_id FROM find_next_running_campaign($1::uuid, $2::uuid)
)sql"};

// `due` is asked of the queue only for those whose own time has not come.
constexpr Query kCountHouseholds{"cohort_households.count_page", R"sql(
  WITH page AS MATERIALIZED (
    SELECT household_id, state, wait_reason, objection, phone_hash, time_zone, next_attempt_time
    FROM cohort_households
    WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id > $3::uuid
    ORDER BY household_id LIMIT $4::int
  ), facts AS (
    SELECT p.state, p.wait_reason, p.objection, p.phone_hash IS NOT NULL AS has_phone, p.time_zone,
           p.next_attempt_time IS NOT NULL AS has_time,
           coalesce(p.next_attempt_time > $5::timestamptz, false) AS later,
           coalesce(p.next_attempt_time > $5::timestamptz, false)
             AND EXISTS (SELECT FROM call_queue AS q
                         WHERE q.landlord_id = $1::uuid AND q.campaign_id = $2::uuid
                           AND q.household_id = p.household_id AND q.is_due) AS is_due,
           coalesce(p.phone_hash IN (
             SELECT l.phone_hash FROM leases AS l
             WHERE l.landlord_id = $1::uuid AND l.state = 'LIVE'
               AND l.phone_hash IS NOT NULL), false) AS is_held
    FROM page AS p
  )
  SELECT state, wait_reason, objection, has_phone, time_zone, has_time, later, is_due, is_held,
         count(*) AS households,
         (SELECT household_id FROM page ORDER BY household_id DESC LIMIT 1) AS last
  FROM facts
  GROUP BY state, wait_reason, objection, has_phone, time_zone, has_time, later, is_due, is_held
)sql"};

CallabilityFacts FactsOf(const db::Row& row, absl::Time now) {
  CallabilityFacts facts;
  facts.state =
      FromName<HouseholdState>(row.Get<std::string>("state")).value_or(HouseholdState::kClosed);
  const auto wait = row.Find<std::string>("wait_reason");
  if (wait.has_value()) facts.wait = FromName<WaitReason>(*wait);
  facts.objection = row.Get<bool>("objection");
  facts.has_phone = row.Get<bool>("has_phone");
  facts.time_zone = row.Get<std::string>("time_zone");
  facts.is_due = row.Get<bool>("is_due");
  if (row.Get<bool>("has_time")) {
    facts.next_attempt_time = row.Get<bool>("later") ? absl::InfiniteFuture() : now;
  }
  if (row.Get<bool>("is_held")) facts.lease = HoldingLease{};
  return facts;
}

}  // namespace

int64_t CountLiveLeases(db::ReadTx& tx) {
  return tx.Run(kCountLiveLeases)[0].Get<int64_t>("leases");
}

std::vector<WaitingDecisions> CountDecisions(db::ReadTx& tx) {
  std::vector<WaitingDecisions> all;
  for (const db::Row row : tx.Run(kCountDecisions)) {
    all.push_back({.reason = FromName<DecisionReason>(row.Get<std::string>("decision_reason"))
                                 .value_or(DecisionReason::kNone),
                   .households = row.Get<int64_t>("households"),
                   .oldest = absl::Seconds(row.Get<double>("oldest"))});
  }
  return all;
}

std::optional<CensusPlace> FindRunningCampaign(db::ReadTx& tx, const CensusPlace& place) {
  const db::Rows rows = tx.Run(kFindRunning, place.landlord, place.campaign);
  if (rows.empty()) return std::nullopt;
  return CensusPlace{
      rows[0].Get<ids::LandlordId>("landlord_id"), rows[0].Get<ids::CampaignId>("campaign_id"), {}};
}

CensusPage CountHouseholds(db::ReadTx& tx, const CensusPlace& place, absl::Time now, int limit) {
  tx.ActFor({place.landlord});
  CensusPage page;
  for (const db::Row row :
       tx.Run(kCountHouseholds, place.landlord, place.campaign, place.household, limit, now)) {
    page.groups.push_back({FactsOf(row, now), row.Get<int64_t>("households")});
    page.last = row.Get<ids::HouseholdId>("last");
  }
  return page;
}

}  // namespace veille::call_tracking
