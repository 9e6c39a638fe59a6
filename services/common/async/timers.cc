#include "common/async/timers.h"

#include <pthread.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace veille::async {
namespace {

using Clock = std::chrono::steady_clock;

constexpr absl::Duration kLongestSleep = absl::Hours(24 * 365);

}  // namespace

Timers::Timers() : thread_([this] { Serve(); }) {
  pthread_setname_np(thread_.native_handle(), "timers");
}

Timers::~Timers() { Close(); }

Task<bool> Timers::Sleep(absl::Duration time, std::stop_token stop) {
  const auto until = Clock::now() + absl::ToChronoNanoseconds(std::min(time, kLongestSleep));
  const bool whole = co_await Awaiter{this, until, std::move(stop)};
  co_return whole;
}

void Timers::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

bool Timers::Push(Sleeper* sleeper, Moment until) {
  const std::lock_guard lock(mutex_);
  if (closed_) sleeper->cut_short = true;
  if (sleeper->cut_short || until <= Clock::now()) return false;
  sleeper->place = queue_.emplace(until, sleeper);
  changed_.notify_one();
  return true;
}

void Timers::Wake(Sleeper* sleeper) {
  const std::lock_guard lock(mutex_);
  sleeper->cut_short = true;
  if (!sleeper->place.has_value()) return;  // it does not sleep yet, or not any more
  queue_.erase(*sleeper->place);
  sleeper->place = queue_.emplace(Moment::min(), sleeper);
  changed_.notify_one();
}

void Timers::Serve() {
  for (;;) {
    std::vector<std::coroutine_handle<>> woken;
    bool last = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (!queue_.empty()) {
        const Moment first = queue_.begin()->first;
        changed_.wait_until(lock, first, [this, first] {
          return closed_ || queue_.empty() || queue_.begin()->first < first;
        });
      }
      const Moment now = Clock::now();
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
