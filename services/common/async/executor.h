#pragma once

// Threads for computing: parsing, normalising, triage over long lists. A coroutine that has more
// than about 20 µs of work hops here first, because it may be running on one of gRPC's two threads
// or on a lane, where others wait for it.
//
//   co_await context.executor().Hop();
//
// Threads: any. `Close()` runs what waits, then joins; a hop afterwards goes on where it is.

#include <coroutine>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace veille::async {

class Executor {
 public:
  explicit Executor(int threads);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  struct HopAwaiter {
    Executor* executor;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) { return executor->Push(caller); }
    void await_resume() const noexcept {}
  };
  HopAwaiter Hop() { return HopAwaiter{this}; }

  void Close();

 private:
  bool Push(std::coroutine_handle<> caller);
  void Serve();

  absl::Mutex mutex_;
  std::deque<std::coroutine_handle<>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace veille::async
