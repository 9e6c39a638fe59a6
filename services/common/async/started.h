#pragma once

// A task that runs while whoever started it goes on, and whose result is awaited later:
//
//   auto sheet = std::make_shared<async::Started<Sheet>>();
//   sheet->Start(Fetch(household));   // runs on this thread until it first waits
//   …
//   Sheet fetched = co_await sheet->Result();
//
// Started once, awaited at most once, in any order and by any threads; an exception of the task is
// thrown again by `Result`. It may be dropped at any time: the task goes on to its end, so what it
// uses must outlive that.

#include <atomic>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "common/async/task.h"

namespace veille::async {

template <typename T>
class Started {
 public:
  Started() = default;
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  void Start(Task<T> task) { Run(std::move(task), state_); }

  Task<T> Result() { return Wait(state_); }

 private:
  struct State {
    std::optional<T> value;
    std::exception_ptr exception;
    std::coroutine_handle<> waiting;
    // Set by the end and by the suspension; whoever comes second continues the waiting coroutine.
    std::atomic<bool> one_arrived{false};

    bool Arrive() { return one_arrived.exchange(true, std::memory_order_acq_rel); }
  };

  struct Awaiter {
    State* state;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
      state->waiting = caller;
      return !state->Arrive();
    }
    void await_resume() const noexcept {}
  };

  static Detached Run(Task<T> task, std::shared_ptr<State> state) {
    try {
      Task<T> inner = std::move(task);  // its frame goes before the waiting coroutine continues
      state->value.emplace(co_await std::move(inner));
    } catch (...) {
      state->exception = std::current_exception();
    }
    if (state->Arrive()) state->waiting.resume();
  }

  static Task<T> Wait(std::shared_ptr<State> state) {
    co_await Awaiter{state.get()};
    if (state->exception) std::rethrow_exception(state->exception);
    co_return *std::move(state->value);
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace veille::async
