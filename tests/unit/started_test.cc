#include "common/async/started.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/async/executor.h"
#include "common/async/sync_wait.h"

namespace veille::async {
namespace {

#if defined(__has_feature) && (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
constexpr int kMany = 20'000;
#else
constexpr int kMany = 200'000;
#endif

Task<int> Now(int value) { co_return value; }

Task<int> HopAndGive(Executor& executor, int value) {
  co_await executor.Hop();
  co_return value;
}

Task<int> Fails(Executor& executor) {
  co_await executor.Hop();
  throw std::runtime_error("it failed");
}

Task<int> HopAndSet(Executor& executor, std::shared_ptr<int> into) {
  for (int i = 0; i < 100; ++i) co_await executor.Hop();
  *into = 7;
  co_return 7;
}

TEST(StartedTest, RunsBeforeItIsAwaited) {
  bool ran = false;
  const auto run = [](bool& flag) -> Task<int> {
    flag = true;
    co_return 5;
  };
  Started<int> started;
  EXPECT_FALSE(ran);
  started.Start(run(ran));
  EXPECT_TRUE(ran);
  EXPECT_EQ(SyncWait(started.Result()), 5);
}

Task<int> SumOfMany(Executor& executor) {
  int sum = 0;
  for (int i = 0; i < kMany; ++i) {
    Started<int> started;
    started.Start(i % 3 == 0 ? Now(1) : HopAndGive(executor, 1));
    if (i % 2 == 0) co_await executor.Hop();
    sum += co_await started.Result();
  }
  co_return sum;
}

TEST(StartedTest, WhoeverComesSecondContinues) {
  Executor executor(2);
  EXPECT_EQ(SyncWait(SumOfMany(executor)), kMany);
}

// As a commit starts what a handler already waits for.
TEST(StartedTest, MayBeAwaitedBeforeItIsStarted) {
  Executor executor(2);
  for (int i = 0; i < 1000; ++i) {
    auto started = std::make_shared<Started<int>>();
    const auto start = [](Executor& on, std::shared_ptr<Started<int>> what) -> Task<int> {
      co_await on.Hop();
      what->Start(HopAndGive(on, 3));
      co_return 0;
    };
    std::vector<Task<int>> tasks;
    tasks.push_back(started->Result());
    tasks.push_back(start(executor, started));
    EXPECT_EQ(SyncWaitAll(std::move(tasks))[0], 3);
  }
}

Task<std::string> FailureOf(Started<int>& started) {
  try {
    co_await started.Result();
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "";
}

TEST(StartedTest, AnExceptionIsOfWhoeverAwaits) {
  Executor executor(1);
  Started<int> started;
  started.Start(Fails(executor));
  EXPECT_EQ(SyncWait(FailureOf(started)), "it failed");
}

TEST(StartedTest, WhatIsDroppedGoesOnToItsEnd) {
  const auto into = std::make_shared<int>(0);
  {
    Executor executor(2);
    {
      Started<int> started;
      started.Start(HopAndSet(executor, into));
    }
    executor.Close();  // runs what waits
  }
  EXPECT_EQ(*into, 7);
}

}  // namespace
}  // namespace veille::async
