#pragma once

// A thread of its own that does a step, again and again: relay, promoter, delivery engine.
//
// Polling is the truth, a wake-up is a hint: the step looks in the database for work; `Wake()` only
// makes the next look come sooner. The step may block. It returns true when there may be more to do
// at once, false to wait for `interval` or a wake-up.

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace veille::async {

class PollLoop {
 public:
  // `name` (15 characters at most) shows in the list of threads.
  PollLoop(std::string name, absl::Duration interval, std::function<bool()> step);
  ~PollLoop();  // stops
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  void Wake();

  // Lets the step that is running end, and joins the thread. Idempotent.
  void Stop();

 private:
  void Run();

  const absl::Duration interval_;
  const std::function<bool()> step_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace veille::async
