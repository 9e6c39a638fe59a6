#include "common/async/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "common/async/sync_wait.h"

namespace veille::async {
namespace {

#if defined(__has_feature) && (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
constexpr int kMany = 100'000;
#else
constexpr int kMany = 1'000'000;
#endif

// Continues coroutines on a thread of its own, as soon as they are handed over: often before their
// await_suspend has returned.
class OtherThread {
 public:
  OtherThread() : thread_([this](std::stop_token stop) { Run(stop); }) {}

  auto Hop() {
    struct Awaiter {
      OtherThread* other;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> caller) { other->next_.store(caller.address()); }
      void await_resume() const noexcept {}
    };
    return Awaiter{this};
  }

 private:
  void Run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      void* caller = next_.exchange(nullptr);
      if (caller != nullptr) {
        std::coroutine_handle<>::from_address(caller).resume();
      } else {
        std::this_thread::yield();
      }
    }
  }

  std::atomic<void*> next_{nullptr};
  std::jthread thread_;  // last: it uses the others
};

// How far apart the frames of functions called from here lie, on this thread's stack.
class StackSpan {
 public:
  [[gnu::noinline]] void Mark() {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (lowest_ == 0 || here < lowest_) lowest_ = here;
    if (here > highest_) highest_ = here;
  }
  uintptr_t bytes() const { return highest_ - lowest_; }

 private:
  uintptr_t lowest_ = 0;
  uintptr_t highest_ = 0;
};

Task<int> AtOnce(int value, StackSpan* span) {
  span->Mark();
  co_return value;
}

Task<int64_t> SumOfMany(StackSpan* span) {
  int64_t sum = 0;
  for (int i = 0; i < kMany; ++i) {
    const int value = co_await AtOnce(i, span);
    sum += value;
  }
  co_return sum;
}

constexpr int64_t kSum = int64_t{kMany} * (kMany - 1) / 2;

TEST(Task, StackStaysFlatWhenChildrenEndAtOnce) {
  StackSpan span;
  EXPECT_EQ(SyncWait(SumOfMany(&span)), kSum);
  EXPECT_LT(span.bytes(), 4096u);
}

Task<int> Elsewhere(OtherThread& other, int value, StackSpan* span) {
  co_await other.Hop();
  span->Mark();
  co_return value;
}

Task<int64_t> SumFromElsewhere(OtherThread& other, StackSpan* span) {
  co_await other.Hop();
  int64_t sum = 0;
  for (int i = 0; i < kMany; ++i) {
    const int value = co_await Elsewhere(other, i, span);
    sum += value;
  }
  co_return sum;
}

TEST(Task, StackStaysFlatWhenChildrenEndOnAnotherThread) {
  OtherThread other;
  StackSpan span;  // of the other thread: all marks are made there
  EXPECT_EQ(SyncWait(SumFromElsewhere(other, &span)), kSum);
  EXPECT_LT(span.bytes(), 4096u);
}

// The parent suspends on one thread while the child ends on another: whoever is second goes on.
Task<int64_t> SumAcross(OtherThread& one, OtherThread& two, StackSpan* unused) {
  int64_t sum = 0;
  for (int i = 0; i < kMany / 10; ++i) {
    const int value = co_await Elsewhere(i % 2 == 0 ? one : two, i, unused);
    sum += value;
  }
  co_return sum;
}

TEST(Task, ParentAndChildMayRaceAcrossThreads) {
  OtherThread one;
  OtherThread two;
  StackSpan unused;
  EXPECT_EQ(SyncWait(SumAcross(one, two, &unused)), int64_t{kMany / 10} * (kMany / 10 - 1) / 2);
}

Task<std::unique_ptr<std::string>> MakeText() { co_return std::make_unique<std::string>("text"); }

TEST(Task, GivesAValueThatOnlyMoves) {
  const std::unique_ptr<std::string> text = SyncWait(MakeText());
  EXPECT_EQ(*text, "text");
}

Task<> SetTo(int* target, int value) {
  *target = value;
  co_return;
}

Task<int> SetTwice() {
  int value = 0;
  co_await SetTo(&value, 1);
  co_await SetTo(&value, value + 1);
  co_return value;
}

TEST(Task, MayGiveNothing) { EXPECT_EQ(SyncWait(SetTwice()), 2); }

Task<> ThrowElsewhere(OtherThread& other) {
  co_await other.Hop();
  throw std::runtime_error("from below");
}

Task<int> ThrowAtOnce() {
  throw std::runtime_error("at once");
  co_return 1;
}

Task<std::string> Caught(OtherThread& other) {
  std::string caught;
  try {
    co_await ThrowElsewhere(other);
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  try {
    const int never = co_await ThrowAtOnce();
    caught += std::to_string(never);
  } catch (const std::runtime_error& error) {
    caught += std::string(", ") + error.what();
  }
  co_return caught;
}

TEST(Task, PassesExceptionsToItsParent) {
  OtherThread other;
  EXPECT_EQ(SyncWait(Caught(other)), "from below, at once");
}

Task<> Hold(std::shared_ptr<int> value) {
  *value = 1;
  co_return;
}

TEST(Task, ThatIsNeverAwaitedNeverRunsAndFreesItsFrame) {
  const auto value = std::make_shared<int>(0);
  {
    const Task<> task = Hold(value);
    EXPECT_EQ(value.use_count(), 2);
  }
  EXPECT_EQ(value.use_count(), 1);
  EXPECT_EQ(*value, 0);
}

TEST(SyncWaitAll, KeepsTheOrder) {
  OtherThread other;
  StackSpan span;
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(AtOnce(i, &span));
  EXPECT_THAT(SyncWaitAll(std::move(tasks)), ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

}  // namespace
}  // namespace veille::async
