#pragma once

// A token bucket as one number: the moment at which it is full again. (The generic cell rate
// algorithm: the same answers as a bucket that is filled drop by drop.) A bucket whose moment has
// passed is full and need not be kept.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace veille::limits {

struct Rate {
  int per_second = 0;  // 0: no limit
  int burst = 1;       // how many at once when the bucket is full, 1 or more
};

class Bucket {
 public:
  explicit constexpr Bucket(Rate rate)
      : interval_(rate.per_second > 0
                      ? std::chrono::nanoseconds(std::chrono::seconds(1)) / rate.per_second
                      : std::chrono::nanoseconds(0)),
        slack_(interval_ * (std::max(rate.burst, 1) - 1)) {}

  using Moment = std::chrono::nanoseconds;

  bool limited() const { return interval_ > Moment(0); }

  // Takes one from the bucket that is full at `full`: zero, and `full` moves on; or how long until
  // there is one again.
  std::chrono::nanoseconds Take(Moment& full, Moment now) const {
    const Moment from = std::max(full, now);
    if (from - now > slack_) return from - now - slack_;
    full = from + interval_;
    return Moment(0);
  }
  // Puts one back.
  void GiveBack(Moment& full) const { full -= interval_; }

 private:
  Moment interval_;
  Moment slack_;
};

}  // namespace veille::limits
