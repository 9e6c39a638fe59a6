#include "common/async/timers.h"

#include <pthread.h>

#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace veille::async {

Timers::Timers() : thread_([this] { Serve(); }) {
  pthread_setname_np(thread_.native_handle(), "timers");
}

Timers::~Timers() { Close(); }

Task<bool> Timers::Sleep(absl::Duration time, std::stop_token stop) {
  const bool whole = co_await Awaiter{this, absl::Now() + time, std::move(stop)};
  co_return whole;
}

void Timers::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Timers::Push(Sleeper* sleeper, absl::Time until) {
  absl::MutexLock lock(&mutex_);
  if (closed_) sleeper->cut_short = true;
  if (sleeper->cut_short || until <= absl::Now()) return false;
  sleeper->place = queue_.emplace(until, sleeper);
  return true;
}

void Timers::Wake(Sleeper* sleeper) {
  absl::MutexLock lock(&mutex_);
  sleeper->cut_short = true;
  if (!sleeper->place.has_value()) return;  // it does not sleep yet, or not any more
  queue_.erase(*sleeper->place);
  sleeper->place = queue_.emplace(absl::InfinitePast(), sleeper);
}

void Timers::Serve() {
  for (;;) {
    std::vector<std::coroutine_handle<>> woken;
    bool last = false;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time first = queue_.empty() ? absl::InfiniteFuture() : queue_.begin()->first;
      const auto sooner = [this, first]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return closed_ || (!queue_.empty() && queue_.begin()->first < first);
      };
      mutex_.AwaitWithDeadline(absl::Condition(&sooner), first);
      const absl::Time now = absl::Now();
      while (!queue_.empty() && (closed_ || queue_.begin()->first <= now)) {
        Sleeper* sleeper = queue_.begin()->second;
        queue_.erase(queue_.begin());
        sleeper->place.reset();
        sleeper->cut_short = sleeper->cut_short || closed_;
        woken.push_back(sleeper->caller);
      }
      last = closed_;
    }
    for (const std::coroutine_handle<> caller : woken) caller.resume();
    if (last) return;
  }
}

}  // namespace veille::async
