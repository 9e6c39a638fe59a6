#pragma once

#include <atomic>
#include <chrono>

#include "absl/time/time.h"
#include "common/time/monotonic_clock.h"

namespace veille::testing {

// Stands still until the test moves it on. Thread-safe.
class FakeMonotonicClock final : public time::MonotonicClock {
 public:
  std::chrono::nanoseconds Now() const override { return std::chrono::nanoseconds(now_.load()); }
  void Advance(absl::Duration by) { now_ += absl::ToInt64Nanoseconds(by); }

 private:
  std::atomic<int64_t> now_{std::chrono::nanoseconds(std::chrono::hours(1)).count()};
};

}  // namespace veille::testing
