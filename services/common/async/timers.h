#pragma once

// Coroutines that wait for a time without a thread of their own; one thread wakes them all.
//
//   while (co_await timers.Sleep(absl::Seconds(1), stop)) { … }
//
// The coroutine goes on on the thread of the timers (or where it is, when it need not wait): it
// hops before it computes for more than about 20 µs. Threads: any. Ownership: outlives all
// sleepers; `Close()` wakes them. Time passes by CLOCK_MONOTONIC, as in poll_loop.h.

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "absl/time/time.h"
#include "common/async/task.h"

namespace veille::async {

class Timers {
 public:
  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // True when the time is over; false when it was cut short: `stop` was requested, or the timers
  // are closed.
  Task<bool> Sleep(absl::Duration time, std::stop_token stop);

  // Wakes all who sleep, and joins the thread. Idempotent.
  void Close();

 private:
  struct Sleeper;
  using Moment = std::chrono::steady_clock::time_point;
  using Queue = std::multimap<Moment, Sleeper*>;

  struct WakeOnStop {
    Timers* timers;
    Sleeper* sleeper;
    void operator()() const { timers->Wake(sleeper); }
  };
  struct Sleeper {
    std::coroutine_handle<> caller;
    std::optional<Queue::iterator> place;  // while it sleeps
    bool cut_short = false;
  };
  struct Awaiter {
    Timers* timers;
    Moment until;
    std::stop_token stop;
    Sleeper sleeper = {};
    std::optional<std::stop_callback<WakeOnStop>> wake = {};

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
      sleeper.caller = caller;
      wake.emplace(std::move(stop), WakeOnStop{timers, &sleeper});
      return timers->Push(&sleeper, until);  // the last touch
    }
    bool await_resume() {
      wake.reset();  // waits for a callback that is running
      return !sleeper.cut_short;
    }
  };

  // False when it need not sleep.
  bool Push(Sleeper* sleeper, Moment until);
  // Only notes that it is to be woken: the thread of the timers does it.
  void Wake(Sleeper* sleeper);
  void Serve();

  std::mutex mutex_;  // guards the two below
  Queue queue_;
  bool closed_ = false;
  std::condition_variable changed_;  // one of them
  std::thread thread_;
};

}  // namespace veille::async
