#include "common/async/poll_loop.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/time/clock.h"
#include "testing/wait_until.h"

namespace veille::async {
namespace {

using ::veille::testing::WaitUntil;

TEST(PollLoop, StepsAgainAtOnceWhileThereIsMore) {
  std::atomic<int> steps{0};
  PollLoop loop("test", absl::Hours(1), [&] { return ++steps < 100; });
  EXPECT_TRUE(WaitUntil([&] { return steps == 100; }));
}

TEST(PollLoop, StepsAfterTheInterval) {
  std::atomic<int> steps{0};
  const absl::Time start = absl::Now();
  PollLoop loop("test", absl::Milliseconds(20), [&] {
    ++steps;
    return false;
  });
  EXPECT_TRUE(WaitUntil([&] { return steps >= 4; }));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(60));
}

TEST(PollLoop, AWakeUpMakesTheNextStepComeSooner) {
  std::atomic<int> steps{0};
  PollLoop loop("a name that is too long for a thread", absl::Hours(1), [&] {
    ++steps;
    return false;
  });
  ASSERT_TRUE(WaitUntil([&] { return steps == 1; }));
  loop.Wake();
  EXPECT_TRUE(WaitUntil([&] { return steps == 2; }));
}

TEST(PollLoop, AWakeUpDuringAStepIsNotLost) {
  std::atomic<int> steps{0};
  std::atomic<bool> go_on{false};
  PollLoop loop("test", absl::Hours(1), [&] {
    if (++steps == 1) EXPECT_TRUE(WaitUntil([&] { return go_on.load(); }));
    return false;
  });
  ASSERT_TRUE(WaitUntil([&] { return steps == 1; }));
  loop.Wake();
  go_on = true;
  EXPECT_TRUE(WaitUntil([&] { return steps == 2; }));
}

TEST(PollLoop, StopLetsTheStepEndAndComesBackAtOnce) {
  std::atomic<bool> inside{false};
  std::atomic<bool> ended{false};
  const absl::Time later = absl::Now() + absl::Milliseconds(50);
  PollLoop loop("test", absl::Hours(1), [&] {
    inside = true;
    EXPECT_TRUE(WaitUntil([&] { return absl::Now() > later; }));
    ended = true;
    return true;
  });
  ASSERT_TRUE(WaitUntil([&] { return inside.load(); }));
  loop.Stop();
  EXPECT_TRUE(ended);
  loop.Stop();
}

}  // namespace
}  // namespace veille::async
