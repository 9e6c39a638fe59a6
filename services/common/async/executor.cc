#include "common/async/executor.h"

namespace veille::async {

Executor::Executor(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
}

Executor::~Executor() { Close(); }

void Executor::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Executor::Push(std::coroutine_handle<> caller) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return false;
  waiting_.push_back(caller);
  return true;
}

void Executor::Serve() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || !waiting_.empty();
  };
  while (true) {
    std::coroutine_handle<> caller;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (waiting_.empty()) return;
      caller = waiting_.front();
      waiting_.pop_front();
    }
    caller.resume();
  }
}

}  // namespace veille::async
