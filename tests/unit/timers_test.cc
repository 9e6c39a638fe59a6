#include "common/async/timers.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/async/either_stop.h"
#include "common/async/sync_wait.h"

namespace veille::async {
namespace {

constexpr absl::Duration kNever = absl::Hours(1);

TEST(Timers, SleepsAsLongAsAsked) {
  Timers timers;
  const absl::Time start = absl::Now();
  EXPECT_TRUE(SyncWait(timers.Sleep(absl::Milliseconds(20), {})));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(20));
  EXPECT_TRUE(SyncWait(timers.Sleep(absl::ZeroDuration(), {})));
}

TEST(Timers, AStopWakesBeforeAndWhileItSleeps) {
  Timers timers;
  std::stop_source before;
  before.request_stop();
  EXPECT_FALSE(SyncWait(timers.Sleep(kNever, before.get_token())));

  for (int i = 0; i < 200; ++i) {  // the stop comes now before, now after the sleep has begun
    std::stop_source stop;
    std::thread stopper([&stop] { stop.request_stop(); });
    EXPECT_FALSE(SyncWait(timers.Sleep(kNever, stop.get_token())));
    stopper.join();
  }
}

TEST(Timers, TheFirstToWakeWakesFirst) {
  Timers timers;
  std::vector<int> order;
  const auto sleep = [&](int milliseconds) -> Task<bool> {
    return [](Timers& all, std::vector<int>& woken, int time) -> Task<bool> {
      const bool whole = co_await all.Sleep(absl::Milliseconds(time), {});
      woken.push_back(time);  // all on the thread of the timers
      co_return whole;
    }(timers, order, milliseconds);
  };
  std::vector<Task<bool>> sleeps;
  for (const int time : {90, 30, 60}) sleeps.push_back(sleep(time));
  EXPECT_EQ(SyncWaitAll(std::move(sleeps)), (std::vector<bool>{true, true, true}));
  EXPECT_EQ(order, (std::vector<int>{30, 60, 90}));
}

TEST(Timers, ClosingWakesEverybodyAndNobodySleepsAfterwards) {
  Timers timers;
  std::thread closer([&timers] { timers.Close(); });
  EXPECT_FALSE(SyncWait(timers.Sleep(kNever, {})));
  closer.join();
  EXPECT_FALSE(SyncWait(timers.Sleep(kNever, {})));
}

TEST(EitherStop, HearsBoth) {
  for (const bool first : {true, false}) {
    std::stop_source one;
    std::stop_source other;
    const EitherStop either(one.get_token(), other.get_token());
    EXPECT_FALSE(either.token().stop_requested());
    (first ? one : other).request_stop();
    EXPECT_TRUE(either.token().stop_requested());
  }
}

}  // namespace
}  // namespace veille::async
