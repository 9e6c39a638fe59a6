#pragma once

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace veille::testing {

// Asks `condition` again and again until it holds; false when it does not within `timeout`. The
// only place where a test sleeps.
//
//   ASSERT_TRUE(WaitUntil([&] { return inbox.size() == 3; }));
[[nodiscard]] inline bool WaitUntil(absl::FunctionRef<bool()> condition,
                                    absl::Duration timeout = absl::Seconds(20)) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace veille::testing
