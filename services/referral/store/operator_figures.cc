#include "referral/store/operator_figures.h"

#include <algorithm>

namespace veille::referral {
namespace {

using db::Query;

// crosses landlords: a figure of the installation, for its operator.
constexpr Query kCountReferrals{"referrals.count_open", R"sql(
  SELECT state, urgency, count(*) AS referrals,
         extract(epoch FROM veille_now() - min(created_time))::float8 AS oldest
  FROM referrals WHERE state NOT IN (5, 7) GROUP BY state, urgency
)sql"};

// crosses landlords: a figure of the installation, for its operator.
constexpr Query kLongestOverdue{"referrals.longest_overdue", R"sql(
  SELECT coalesce(extract(epoch FROM veille_now() - min(acknowledge_deadline)), 0)::float8 AS overdue
  FROM referrals WHERE state IN (1, 2) AND open_fence > 0
)sql"};

// crosses landlords: a figure of the installation, for its operator.
constexpr Query kCountItems{"worklist_items.count_open", R"sql(
  SELECT reason, urgency, count(*) AS items,
         extract(epoch FROM veille_now() - min(created_time))::float8 AS oldest
  FROM worklist_items WHERE state = 1 GROUP BY reason, urgency
)sql"};

// crosses landlords: a figure of the installation, for its operator.
constexpr Query kCountDeliveries{"deliveries.count_open", R"sql(
  SELECT count(*) FILTER (WHERE state = 1) AS due, count(*) FILTER (WHERE state = 2) AS sending,
         (SELECT count(*) FROM deliveries WHERE state = 4) AS parked,
         coalesce(extract(epoch FROM veille_now() - min(due_time) FILTER (WHERE state = 1)),
                  0)::float8 AS latest
  FROM deliveries WHERE state IN (1, 2)
)sql"};

absl::Duration Age(const db::Row& row, const char* column) {
  return std::max(absl::ZeroDuration(), absl::Seconds(row.Get<double>(column)));
}

}  // namespace

std::vector<OpenReferrals> CountOpenReferrals(db::ReadTx& tx) {
  std::vector<OpenReferrals> all;
  for (const db::Row row : tx.Run(kCountReferrals)) {
    all.push_back({.state = static_cast<ReferralState>(row.Get<int>("state")),
                   .urgency = static_cast<Urgency>(row.Get<int>("urgency")),
                   .referrals = row.Get<int64_t>("referrals"),
                   .oldest = Age(row, "oldest")});
  }
  return all;
}

absl::Duration LongestOverdue(db::ReadTx& tx) { return Age(tx.Run(kLongestOverdue)[0], "overdue"); }

std::vector<OpenItems> CountOpenItems(db::ReadTx& tx) {
  std::vector<OpenItems> all;
  for (const db::Row row : tx.Run(kCountItems)) {
    all.push_back({.reason = static_cast<WorklistReason>(row.Get<int>("reason")),
                   .urgency = static_cast<Urgency>(row.Get<int>("urgency")),
                   .items = row.Get<int64_t>("items"),
                   .oldest = Age(row, "oldest")});
  }
  return all;
}

DeliveryFigures CountDeliveries(db::ReadTx& tx) {
  const db::Row row = tx.Run(kCountDeliveries)[0];
  return {.due = row.Get<int64_t>("due"),
          .sending = row.Get<int64_t>("sending"),
          .parked = row.Get<int64_t>("parked"),
          .latest = Age(row, "latest")};
}

}  // namespace veille::referral
