#pragma once

// Runs two tasks side by side and waits for both:
//
//   auto [stored, next] = co_await async::Both(Store(std::move(chunk)), ReadNext(reader));
//
// The first runs until it first waits before the second begins. Whoever comes last, one of them or
// the waiting coroutine's own suspension, continues it. Neither is left behind: when one fails,
// make sure that the other ends (a task is never destroyed while it waits). An exception of either
// is thrown again when both have ended.

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "common/async/task.h"

namespace veille::async {

namespace internal {

template <typename T>
struct Half {
  std::optional<T> value;
  std::exception_ptr exception;

  T Take() {
    if (exception) std::rethrow_exception(exception);
    return *std::move(value);
  }
};

class Meeting {
 public:
  // Whether the one who arrives is the last.
  bool Arrive() { return left_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  std::coroutine_handle<> waiting;

 private:
  std::atomic<int> left_{3};
};

template <typename T>
Detached RunHalf(Task<T> task, Half<T>& half, Meeting& meeting) {
  try {
    Task<T> inner = std::move(task);  // its frame goes before the waiting coroutine continues
    half.value.emplace(co_await std::move(inner));
  } catch (...) {
    half.exception = std::current_exception();
  }
  if (meeting.Arrive()) meeting.waiting.resume();  // the last touch
}

template <typename A, typename B>
struct BothAwaiter {
  Task<A> first_task;
  Task<B> second_task;
  Half<A> first;
  Half<B> second;
  Meeting meeting;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    meeting.waiting = caller;
    RunHalf(std::move(first_task), first, meeting);
    RunHalf(std::move(second_task), second, meeting);
    return !meeting.Arrive();  // the last touch
  }
  std::pair<A, B> await_resume() {
    A one = first.Take();
    return {std::move(one), second.Take()};
  }
};

}  // namespace internal

template <typename A, typename B>
Task<std::pair<A, B>> Both(Task<A> first, Task<B> second) {
  internal::BothAwaiter<A, B> awaiter{std::move(first), std::move(second), {}, {}, {}};
  std::pair<A, B> results = co_await awaiter;
  co_return results;
}

}  // namespace veille::async
