#pragma once

// The clock of business rules: call hours, retries, acknowledgement deadlines. Leases, claims and
// fences never look at it: they live by the database's clock (SQL veille_now()).

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace veille::time {

// Owned by main (or by a test); outlives everything that reads it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The only clock in shipped binaries.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace veille::time
