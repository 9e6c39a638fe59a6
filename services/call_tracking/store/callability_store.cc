#include "call_tracking/store/callability_store.h"

#include "call_tracking/domain/names.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kFindCallability{"cohort_households.find_callability", R"sql(
  SELECT h.state, h.wait_reason, h.attempts, h.objection, h.phone_hash IS NOT NULL AS has_phone,
         h.next_attempt_time, h.decision_reason, h.time_zone, l.volunteer_id, l.expire_time,
         EXISTS (SELECT FROM call_queue AS q
                 WHERE q.landlord_id = h.landlord_id AND q.campaign_id = h.campaign_id
                   AND q.household_id = h.household_id AND q.is_due) AS is_due
  FROM cohort_households AS h
  LEFT JOIN LATERAL (
    SELECT busy.volunteer_id, busy.expire_time FROM leases AS busy
    WHERE busy.landlord_id = h.landlord_id AND busy.state = 'LIVE'
      AND (busy.household_id = h.household_id OR busy.phone_hash = h.phone_hash)
    ORDER BY busy.household_id = h.household_id DESC LIMIT 1) AS l ON true
  WHERE h.landlord_id = $1::uuid AND h.campaign_id = $2::uuid AND h.household_id = $3::uuid
)sql"};

constexpr db::Query kFindLeftOut{"cohort_left_out.find", R"sql(
  SELECT reason FROM cohort_left_out
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND household_id = $3::uuid
)sql"};

template <typename Enum>
std::optional<Enum> FindName(const db::Row& row, const char* column) {
  const auto name = row.Find<std::string>(column);
  return name.has_value() ? FromName<Enum>(*name) : std::nullopt;
}

CallabilityFacts FactsFromRow(const db::Row& row) {
  CallabilityFacts facts;
  facts.state = FindName<HouseholdState>(row, "state").value_or(HouseholdState::kClosed);
  facts.wait = FindName<WaitReason>(row, "wait_reason");
  facts.attempts = row.Get<int>("attempts");
  facts.objection = row.Get<bool>("objection");
  facts.has_phone = row.Get<bool>("has_phone");
  facts.next_attempt_time = row.Find<absl::Time>("next_attempt_time");
  facts.is_due = row.Get<bool>("is_due");
  facts.decision = FindName<DecisionReason>(row, "decision_reason").value_or(DecisionReason::kNone);
  facts.time_zone = row.Get<std::string>("time_zone");
  if (const auto volunteer = row.Find<VolunteerId>("volunteer_id")) {
    facts.lease = {.volunteer = *volunteer, .expire_time = row.Get<absl::Time>("expire_time")};
  }
  return facts;
}

}  // namespace

std::optional<CallabilityFacts> FindCallability(db::ReadTx& tx, ids::LandlordId landlord,
                                                ids::CampaignId campaign,
                                                ids::HouseholdId household) {
  const db::Rows drawn = tx.Run(kFindCallability, landlord, campaign, household);
  if (!drawn.empty()) return FactsFromRow(drawn[0]);
  const db::Rows left_out = tx.Run(kFindLeftOut, landlord, campaign, household);
  if (left_out.empty()) return std::nullopt;
  CallabilityFacts facts;
  facts.left_out = FindName<LeftOutReason>(left_out[0], "reason");
  return facts;
}

}  // namespace veille::call_tracking
