#include "common/async/both.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

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

Task<std::unique_ptr<std::string>> Later(Executor& executor, std::string text) {
  co_await executor.Hop();
  co_return std::make_unique<std::string>(std::move(text));
}

Task<int> Fails(Executor& executor) {
  co_await executor.Hop();
  throw std::runtime_error("it failed");
}

Task<int> HopAndSet(Executor& executor, bool& ended) {
  for (int i = 0; i < 100; ++i) co_await executor.Hop();
  ended = true;
  co_return 1;
}

TEST(BothTest, GivesBothResults) {
  Executor executor(2);
  const auto [one, other] = SyncWait(Both(Now(7), Later(executor, "seven")));
  EXPECT_EQ(one, 7);
  EXPECT_EQ(*other, "seven");
}

Task<int> SumOfMany(Executor& executor) {
  int sum = 0;
  for (int i = 0; i < kMany; ++i) {
    // Every way to meet: both at once, one later, both later.
    auto first = i % 2 == 0 ? Now(1) : HopAndGive(executor, 1);
    auto second = i % 3 == 0 ? Now(2) : HopAndGive(executor, 2);
    const auto both = co_await Both(std::move(first), std::move(second));
    sum += both.first + both.second;
  }
  co_return sum;
}

TEST(BothTest, MeetsWhoeverComesLast) {
  Executor executor(2);
  EXPECT_EQ(SyncWait(SumOfMany(executor)), 3 * kMany);
}

// 1 when it is thrown as it should.
Task<int> Catch(Executor& executor, bool fails_first) {
  bool ended = false;
  auto bad = Fails(executor);
  auto good = HopAndSet(executor, ended);
  try {
    if (fails_first) {
      (void)co_await Both(std::move(bad), std::move(good));
    } else {
      (void)co_await Both(std::move(good), std::move(bad));
    }
  } catch (const std::runtime_error&) {
    co_return ended ? 1 : 0;
  }
  co_return 0;
}

TEST(BothTest, AnExceptionComesWhenBothHaveEnded) {
  Executor executor(2);
  EXPECT_EQ(SyncWait(Catch(executor, true)), 1);
  EXPECT_EQ(SyncWait(Catch(executor, false)), 1);
}

}  // namespace
}  // namespace veille::async
