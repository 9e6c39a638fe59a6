#include "call_tracking/store/report_store.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/errors.h"

namespace veille::call_tracking {
namespace {

// Figures, referrals and states come as "NAME=amount". A household that nobody has called yet can
// still be called; one that cannot counts as not reached.
constexpr db::Query kReadReport{"campaigns.report", R"sql(
  SELECT c.state, c.end_time, c.selected, c.under_age, c.objection, c.no_valid_phone,
         h.needs_decision, h.weekly_calls, h.not_called, h.households,
         ARRAY(SELECT f.figure || '=' || sum(f.amount) FROM campaign_figures AS f
               WHERE f.landlord_id = c.landlord_id AND f.campaign_id = c.campaign_id
               GROUP BY f.figure) AS figures,
         ARRAY(SELECT coalesce(f.referral_state, 'REQUESTED') || '='
                        || count(DISTINCT coalesce(f.referral_id, f.finding_id))
               FROM findings AS f
               WHERE f.landlord_id = c.landlord_id AND f.campaign_id = c.campaign_id AND f.shared
               GROUP BY coalesce(f.referral_state, 'REQUESTED')) AS referrals
  FROM campaigns AS c
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.decision_reason IS NOT NULL OR w.household_id IS NOT NULL)
             AS needs_decision,
           count(*) FILTER (WHERE x.state = 'FOLLOWED_UP'
             OR (x.weekly_volunteer_id IS NOT NULL AND x.state <> 'CLOSED')) AS weekly_calls,
           count(*) FILTER (WHERE x.attempts = 0 AND x.phone_hash IS NOT NULL
             AND x.state <> 'CLOSED' AND NOT x.objection) AS not_called,
           ARRAY['PENDING=' || count(*) FILTER (WHERE x.state = 'PENDING'),
                 'LEASED=' || count(*) FILTER (WHERE x.state = 'LEASED'),
                 'DONE=' || count(*) FILTER (WHERE x.state = 'DONE'),
                 'FOLLOWED_UP=' || count(*) FILTER (WHERE x.state = 'FOLLOWED_UP'),
                 'NEEDS_DECISION=' || count(*) FILTER (WHERE x.state = 'NEEDS_DECISION'),
                 'CLOSED=' || count(*) FILTER (WHERE x.state = 'CLOSED')] AS households
    FROM cohort_households AS x
    LEFT JOIN (
      SELECT DISTINCT f.household_id FROM findings AS f
      WHERE f.landlord_id = $1::uuid AND f.campaign_id = $2::uuid
        AND f.decision_reason IS NOT NULL) AS w ON w.household_id = x.household_id
    WHERE x.landlord_id = c.landlord_id AND x.campaign_id = c.campaign_id) AS h
  WHERE c.landlord_id = $1::uuid AND c.campaign_id = $2::uuid
)sql"};

// By name; "ab=12" is {"ab", 12}.
std::map<std::string, int64_t> ReadAmounts(const std::vector<std::string>& entries) {
  std::map<std::string, int64_t> amounts;
  for (const std::string& entry : entries) {
    const size_t sign = entry.find('=');
    int64_t amount = 0;
    if (sign != std::string::npos && absl::SimpleAtoi(entry.substr(sign + 1), &amount)) {
      amounts[entry.substr(0, sign)] = amount;
    }
  }
  return amounts;
}

template <typename Enum>
std::map<Enum, int64_t> ByEnum(const std::map<std::string, int64_t>& amounts,
                               const std::string& prefix) {
  std::map<Enum, int64_t> counts;
  for (const auto& [name, amount] : amounts) {
    if (name.rfind(prefix, 0) != 0 || amount == 0) continue;
    const auto value = FromName<Enum>(name.substr(prefix.size()));
    if (value.has_value()) counts[*value] = amount;
  }
  return counts;
}

}  // namespace

absl::StatusOr<CampaignReport> ReadReport(db::ReadTx& tx, ids::LandlordId landlord,
                                          ids::CampaignId campaign, absl::Time now) {
  const db::Rows rows = tx.Run(kReadReport, landlord, campaign);
  if (rows.empty()) return errors::CampaignNotFound(campaign);
  const db::Row row = rows[0];
  auto figures = ReadAmounts(row.Get<std::vector<std::string>>("figures"));
  const auto referrals = ReadAmounts(row.Get<std::vector<std::string>>("referrals"));
  const auto households = ReadAmounts(row.Get<std::vector<std::string>>("households"));
  CampaignReport report{
      .campaign = campaign,
      .state =
          FromName<CampaignState>(row.Get<std::string>("state")).value_or(CampaignState::kClosed),
      .report_time = now,
      .end_time = row.Get<absl::Time>("end_time"),
      .selected = row.Get<int64_t>("selected"),
      .left_out = {.under_age = row.Get<int64_t>("under_age"),
                   .objection = row.Get<int64_t>("objection"),
                   .no_valid_phone = row.Get<int64_t>("no_valid_phone")},
      .attempts = figures["attempts"],
      .dispositions = ByEnum<Disposition>(figures, "disposition."),
      .reached = figures["reached"],
      .completed = figures["completed"],
      .refused = figures["refused"],
      .needs_decision = row.Get<int64_t>("needs_decision"),
      .weekly_calls = row.Get<int64_t>("weekly_calls"),
      .not_called = row.Get<int64_t>("not_called"),
      .needs_found = figures["needs_found"],
      .needs_shared = figures["needs_shared"],
      .referrals = ByEnum<ReferralState>(referrals, ""),
      .late_records = figures["late_records"],
      .households = ByEnum<HouseholdState>(households, "")};
  report.not_reached = std::max<int64_t>(0, report.selected - report.reached - report.not_called);
  return report;
}

}  // namespace veille::call_tracking
