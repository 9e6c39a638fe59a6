#pragma once

// A thread of its own that does a step, again and again: relay, promoter, delivery engine.
//
// Polling is the truth, a wake-up is a hint: the step looks in the database for work; `Wake()` only
// makes the next look come sooner. The step may block. It returns true when there may be more to do
// at once, false to wait for `interval` or a wake-up.
//
// The interval passes by CLOCK_MONOTONIC. This release of absl::Mutex waits for a time of day: when
// the machine's clock is set back by two hours, its wait of a second lasts two hours.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

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
  std::mutex mutex_;  // guards the two below
  bool woken_ = false;
  bool stopping_ = false;
  std::condition_variable called_;  // one of them was set
  std::thread thread_;
};

}  // namespace veille::async
