#include "common/async/poll_loop.h"

#include <pthread.h>

#include <utility>

namespace veille::async {

PollLoop::PollLoop(std::string name, absl::Duration interval, std::function<bool()> step)
    : interval_(interval), step_(std::move(step)), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

PollLoop::~PollLoop() { Stop(); }

void PollLoop::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

void PollLoop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void PollLoop::Run() {
  bool more = true;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto called = [this]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return woken_ || stopping_; };
      if (!more) mutex_.AwaitWithTimeout(absl::Condition(&called), interval_);
      if (stopping_) return;
      woken_ = false;
    }
    more = step_();
  }
}

}  // namespace veille::async
