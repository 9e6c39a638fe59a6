#pragma once

// Task<T>: a coroutine that is started by awaiting it and gives one T.
//
//   Task<absl::StatusOr<int>> CountHouseholds(RequestContext& context);
//   const absl::StatusOr<int> count = co_await CountHouseholds(context);
//
// Rules (each was broken once, on this stack, before it was written down):
//  * No symmetric transfer: it overflows the stack at -O0 and under sanitizers. The child starts
//    inside await_suspend; whoever comes second, the child's end or the parent's suspension,
//    continues the parent. One atomic exchange decides. The stack stays flat however many children
//    complete at once, and a parent never runs on two threads.
//  * A coroutine that is suspended in the middle is never destroyed: it is resumed, with an error
//  if
//    need be. Every wait therefore listens to a stop token or ends by a deadline.
//  * After a start, push or similar inside await_suspend nothing is touched any more, not even
//    `this`: the coroutine may already run, or be gone, on another thread.
//  * Parameters are taken by value, or live in the request's own frame. No capturing lambda is
//  itself
//    a coroutine unless its closure outlives it. No mutex, transaction or thread_local is held
//    across a co_await, because the thread changes.
//
// Ownership: the Task owns the coroutine's frame. Threads: a Task is awaited once, by one
// coroutine.

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace veille::async {

template <typename T>
class Task;

namespace internal {

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
      TaskPromiseBase& promise = self.promise();
      // The frame may be destroyed as soon as the exchange is done and the parent runs.
      const std::coroutine_handle<> parent = promise.parent_;
      if (promise.one_arrived_.exchange(true, std::memory_order_acq_rel)) parent.resume();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

 protected:
  template <typename>
  friend class ::veille::async::Task;

  void RethrowIfFailed() const {
    if (exception_) std::rethrow_exception(exception_);
  }

  std::coroutine_handle<> parent_;
  std::exception_ptr exception_;
  std::atomic<bool> one_arrived_{false};
};

template <typename T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <typename U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T Take() {
    RethrowIfFailed();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void Take() { RethrowIfFailed(); }
};

}  // namespace internal

template <typename T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;

  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  struct Awaiter {
    std::coroutine_handle<promise_type> child;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) {
      internal::TaskPromiseBase& promise = child.promise();
      promise.parent_ = parent;
      child.resume();
      // False (do not suspend) when the child has ended already.
      return !promise.one_arrived_.exchange(true, std::memory_order_acq_rel);
    }
    T await_resume() { return child.promise().Take(); }
  };
  Awaiter operator co_await() && noexcept { return Awaiter{frame_}; }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace internal {
template <typename T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
}  // namespace internal

// A coroutine that nobody awaits: it starts at once and frees itself at its end. It must not throw.
// Its caller makes sure, by other means, that what it uses outlives it.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace veille::async
