// What waits for a time goes on in time when the machine's clock is set back. Run with libfaketime,
// whose clock the test sets: veille_test says how.

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "common/async/poll_loop.h"
#include "common/async/sync_wait.h"
#include "common/async/timers.h"
#include "testing/wait_until.h"

namespace veille::async {
namespace {

using ::veille::testing::WaitUntil;

class ClockStepsTest : public ::testing::Test {
 protected:
  // Hours beside the true time; faketime looks once a second.
  void SetClock(int hours) {
    const std::string file = std::getenv("FAKETIME_TIMESTAMP_FILE");
    std::ofstream(file + ".new") << "+" << hours << "h\n";
    ASSERT_EQ(std::rename((file + ".new").c_str(), file.c_str()), 0);
    const auto is_set = [&] { return absl::AbsDuration(Ahead() - absl::Hours(hours)) < kNear; };
    (void)WaitUntil(is_set);  // by that clock
    ASSERT_TRUE(is_set());
  }

 private:
  static constexpr absl::Duration kNear = absl::Minutes(1);

  // Of the kernel's clock, which faketime does not reach.
  static absl::Duration Ahead() {
    timespec now = {};
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return absl::Now() - absl::TimeFromTimespec(now);
  }
};

TEST_F(ClockStepsTest, APollLoopGoesOn) {
  std::atomic<int> steps = 0;
  PollLoop loop("test", absl::Milliseconds(20), [&] {
    ++steps;
    return false;
  });
  ASSERT_NO_FATAL_FAILURE(SetClock(2));
  const int ahead = steps;
  EXPECT_TRUE(WaitUntil([&] { return steps > ahead + 10; }));
  ASSERT_NO_FATAL_FAILURE(SetClock(0));
  const int back = steps;
  EXPECT_TRUE(WaitUntil([&] { return steps > back + 10; }));
}

TEST_F(ClockStepsTest, ATimerEndsInTime) {
  ASSERT_NO_FATAL_FAILURE(SetClock(2));
  Timers timers;
  std::atomic<bool> slept = false;
  std::thread sleeper([&] { slept = SyncWait(timers.Sleep(absl::Seconds(3), {})); });
  ASSERT_NO_FATAL_FAILURE(SetClock(0));
  EXPECT_TRUE(WaitUntil([&] { return slept.load(); }));
  timers.Close();
  sleeper.join();
}

}  // namespace
}  // namespace veille::async
