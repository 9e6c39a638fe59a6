#pragma once

// What the lanes of a database are seen doing: how busy they are, how long their work takes, and
// whether one of them hangs.
//
// Threads: each lane writes its own seat, anybody reads. Cost: four atomic operations and a reading
// of the clock for each piece of work.

#include <atomic>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/telemetry/metrics.h"

namespace veille::db {

class LaneMetrics {
 public:
  explicit LaneMetrics(int lanes) : seats_(static_cast<size_t>(lanes)) {}

  // A lane has taken work that may last until `deadline`, and has it until it says Idle.
  void Busy(size_t lane, absl::Time begin, absl::Time deadline);
  // The work's transactions are over; its caller goes on, on the lane.
  void Worked(absl::Duration taken) { seconds_.Observe(absl::ToDoubleSeconds(taken)); }
  void Idle(size_t lane) { seats_[lane].hangs_from.store(0, std::memory_order_relaxed); }

  void Rerun() { reruns_.Add(); }
  void Connected() { connects_.Add(); }

  // Lanes whose work should have been over long ago, and whose thread is therefore stuck: the
  // statements' own time-outs are part of the allowance.
  int Hanging(absl::Time now) const;

  void Expose(metrics::Scrape& scrape, size_t waiting, absl::Time now) const;

 private:
  struct Seat {
    std::atomic<int64_t> hangs_from{0};  // in seconds of Unix; 0: idle
  };

  std::vector<Seat> seats_;
  metrics::Histogram seconds_{metrics::kSecondsBounds};
  metrics::Counter reruns_;
  metrics::Counter connects_;
};

}  // namespace veille::db
