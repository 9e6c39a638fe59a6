#pragma once

// Time that only goes on, for rates and pauses of this process: it says nothing about the hour.

#include <chrono>

namespace veille::time {

// Owned by main (or by a test); outlives everything that reads it. Thread-safe.
class MonotonicClock {
 public:
  virtual ~MonotonicClock() = default;
  // Since some moment of its own.
  virtual std::chrono::nanoseconds Now() const = 0;
};

// The only one in shipped binaries.
class SteadyClock final : public MonotonicClock {
 public:
  std::chrono::nanoseconds Now() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

}  // namespace veille::time
