#include "referral/store/operator_figures.h"

#include <algorithm>

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kCountReferrals{"referrals.count_open", R"sql(
  SELECT state, urgency, referrals, oldest FROM count_open_referrals()
)sql"};

constexpr Query kLongestOverdue{"referrals.longest_overdue", "SELECT longest_overdue() AS overdue"};

constexpr Query kCountItems{"worklist_items.count_open", R"sql(
  SELECT reason, urgency, items, oldest FROM count_open_items()
)sql"};

constexpr Query kCountDeliveries{"deliveries.count_open", R"sql(
  SELECT due, sending, parked, latest FROM count_open_deliveries()
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
