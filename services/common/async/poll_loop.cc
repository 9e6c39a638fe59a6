#include "common/async/poll_loop.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace veille::async {
namespace {

constexpr absl::Duration kLongestInterval = absl::Hours(24 * 365);

}  // namespace

PollLoop::PollLoop(std::string name, absl::Duration interval, std::function<bool()> step)
    : interval_(std::min(interval, kLongestInterval)),
      step_(std::move(step)),
      thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

PollLoop::~PollLoop() { Stop(); }

void PollLoop::Wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  called_.notify_one();
}

void PollLoop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    called_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void PollLoop::Run() {
  const auto interval = absl::ToChronoNanoseconds(interval_);
  bool more = true;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!more) called_.wait_for(lock, interval, [this] { return woken_ || stopping_; });
      if (stopping_) return;
      woken_ = false;
    }
    more = step_();
  }
}

}  // namespace veille::async
