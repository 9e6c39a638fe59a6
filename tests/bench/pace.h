#pragma once

// When a load generator begins its operations, and which of them count.
//
//   closed loop: each of the workers begins as soon as it has ended, until the time is over
//   open loop:   operations are due at random times (a Poisson process, the same in each run),
//                whether or not the server keeps up; one that waits for a free worker is late, not
//                left out
//
// Warming up is not measured: prepared statements, connections, caches. Threads: any.

#include <atomic>
#include <optional>
#include <random>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/async/timers.h"

namespace veille::bench {

inline constexpr absl::Duration kWarmUp = absl::Seconds(1);

class Pace {
 public:
  // Begins now, warms up, and is measured for `time`. `rate` a second; 0: closed loop.
  Pace(absl::Duration time, double rate)
      : measure_from_(absl::Now() + kWarmUp), end_(measure_from_ + time), open_(rate > 0) {
    if (!open_) return;
    std::mt19937_64 random(1);
    std::exponential_distribution<double> gap(rate);
    absl::Time next = measure_from_ - kWarmUp;
    while ((next += absl::Seconds(gap(random))) < end_) schedule_.push_back(next);
  }

  // Waits for the next operation; when it was due, or nothing once the time is over. Its length
  // counts from then.
  async::Task<std::optional<absl::Time>> Next() {
    if (!open_) {
      const absl::Time now = absl::Now();
      co_return now < end_ ? std::optional(now) : std::nullopt;
    }
    const size_t next = next_++;
    if (next >= schedule_.size()) co_return std::nullopt;
    const absl::Duration wait = schedule_[next] - absl::Now();
    if (wait > absl::ZeroDuration()) (void)co_await timers_.Sleep(wait, {});
    co_return schedule_[next];
  }

  // Whether the length of an operation that was due then counts.
  bool IsMeasured(absl::Time due) const { return due >= measure_from_; }

  // An operation has ended, at that time: what comes to so many a second.
  void End(absl::Time time) {
    ++ended_;
    if (time >= measure_from_ && time < end_) ++ended_in_time_;
  }
  int ended() const { return ended_; }  // with those of warming up
  double per_second() const { return ended_in_time_ / absl::ToDoubleSeconds(end_ - measure_from_); }

 private:
  async::Timers timers_;
  const absl::Time measure_from_;
  const absl::Time end_;
  const bool open_;
  std::vector<absl::Time> schedule_;
  std::atomic<size_t> next_{0};
  std::atomic<int> ended_{0};
  std::atomic<int> ended_in_time_{0};
};

}  // namespace veille::bench
