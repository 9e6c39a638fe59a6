#include "common/db/lane_metrics.h"

#include <algorithm>

namespace veille::db {
namespace {

constexpr metrics::Family kLanes{"veille_lanes", "Connections to the database."};
constexpr metrics::Family kBusy{"veille_lanes_busy", "Lanes that have work."};
constexpr metrics::Family kHanging{"veille_lanes_hanging",
                                   "Lanes whose work should have been over long ago."};
constexpr metrics::Family kWaiting{"veille_lanes_waiting", "Work that waits for a lane."};
constexpr metrics::Family kSeconds{"veille_lane_transaction_seconds",
                                   "From a lane's taking of a transaction to its end, reruns "
                                   "included."};
constexpr metrics::Family kReruns{"veille_lane_reruns_total",
                                  "Transactions run again: conflicts and broken connections."};
constexpr metrics::Family kConnects{"veille_lane_connects_total", "Connections made."};

// Work ends at its deadline give or take a statement's time-out, and the longest work of streams is
// cut into statements of less than an hour.
constexpr absl::Duration kLongestWork = absl::Hours(1);
constexpr absl::Duration kAllowance = absl::Minutes(5);

}  // namespace

void LaneMetrics::Busy(size_t lane, absl::Time begin, absl::Time deadline) {
  const absl::Time end = std::clamp(deadline, begin, begin + kLongestWork);
  seats_[lane].hangs_from.store(absl::ToUnixSeconds(end + kAllowance), std::memory_order_relaxed);
}

int LaneMetrics::Hanging(absl::Time now) const {
  const int64_t seconds = absl::ToUnixSeconds(now);
  return static_cast<int>(std::count_if(seats_.begin(), seats_.end(), [seconds](const Seat& seat) {
    const int64_t from = seat.hangs_from.load(std::memory_order_relaxed);
    return from != 0 && from <= seconds;
  }));
}

void LaneMetrics::Expose(metrics::Scrape& scrape, size_t waiting, absl::Time now) const {
  const auto busy = std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.hangs_from.load(std::memory_order_relaxed) != 0;
  });
  scrape.Gauge(kLanes, {}, static_cast<double>(seats_.size()));
  scrape.Gauge(kBusy, {}, static_cast<double>(busy));
  scrape.Gauge(kHanging, {}, Hanging(now));
  scrape.Gauge(kWaiting, {}, static_cast<double>(waiting));
  scrape.Add(kSeconds, {}, seconds_);
  scrape.Add(kReruns, {}, reruns_);
  scrape.Add(kConnects, {}, connects_);
}

}  // namespace veille::db
