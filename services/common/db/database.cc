#include "common/db/database.h"

#include <pthread.h>

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/db/lane.h"
#include "common/status/errors.h"

namespace veille::db {

Limits Within(absl::Duration timeout) { return Limits{absl::Now() + timeout, {}}; }

// The queue and its threads.
class Database::Lanes {
 public:
  explicit Lanes(DatabaseOptions options) : options_(std::move(options)) {}

  absl::Status Start() {
    auto first = std::make_unique<Lane>(options_);
    const absl::Time deadline = absl::Now() + options_.patience;
    while (!first->Connect()) {
      if (absl::Now() >= deadline) return errors::DatabaseUnavailable();
      absl::SleepFor(absl::Milliseconds(50));
    }
    for (int i = 0; i < options_.lanes; ++i) {
      auto lane = i == 0 ? std::move(first) : std::make_unique<Lane>(options_);
      threads_.emplace_back([this, lane = std::move(lane)] { Serve(*lane); });
      pthread_setname_np(threads_.back().native_handle(), absl::StrCat("lane-", i).c_str());
    }
    return absl::OkStatus();
  }

  bool Push(RunAwaiter* waiter) {
    absl::MutexLock lock(&mutex_);
    if (closed_ || waiting_.size() >= options_.max_waiting) {
      waiter->result = closed_ ? errors::Draining() : errors::Overloaded(absl::Milliseconds(200));
      return false;
    }
    waiting_.push_back(waiter);
    return true;
  }

  void Close() {
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void Serve(Lane& lane) {
    while (RunAwaiter* waiter = Next()) {
      waiter->result = lane.Execute(*waiter->work);
      const std::coroutine_handle<> caller = waiter->caller;
      caller.resume();
    }
  }

  // Null when closed and nothing waits.
  RunAwaiter* Next() {
    absl::MutexLock lock(&mutex_);
    const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return closed_ || !waiting_.empty();
    };
    mutex_.Await(absl::Condition(&ready));
    if (waiting_.empty()) return nullptr;
    RunAwaiter* waiter = waiting_.front();
    waiting_.pop_front();
    return waiter;
  }

  const DatabaseOptions options_;
  absl::Mutex mutex_;
  std::deque<RunAwaiter*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

Database::Database(std::unique_ptr<Lanes> lanes) : lanes_(std::move(lanes)) {}
Database::~Database() { Close(); }

absl::StatusOr<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  auto lanes = std::make_unique<Lanes>(std::move(options));
  absl::Status started = lanes->Start();
  if (!started.ok()) return started;
  return std::unique_ptr<Database>(new Database(std::move(lanes)));
}

bool Database::Push(RunAwaiter* waiter) { return lanes_->Push(waiter); }
void Database::Close() { lanes_->Close(); }

}  // namespace veille::db
