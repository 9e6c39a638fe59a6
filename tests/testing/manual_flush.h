#pragma once

// Flushes for tests of the coalescer: one that the test finishes batch by batch, and one that
// finishes on threads of its own.

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/async/coalescer.h"
#include "common/async/sync_wait.h"

namespace veille::testing {

struct Number {
  int value = 0;
  std::string key = {};
  bool refused = false;   // its result is an error
  bool poisoned = false;  // a batch that holds it fails as a whole
};
using Numbers = async::Coalescer<Number, int>;  // ten times the number

inline absl::StatusOr<Numbers::Results> TenTimes(const std::vector<const Number*>& batch) {
  Numbers::Results results;
  for (const Number* number : batch) {
    if (number->poisoned) return errors::Internal();
    if (number->refused) {
      results.push_back(absl::FailedPreconditionError("refused"));
    } else {
      results.push_back(number->value * 10);
    }
  }
  return results;
}

// The answer to one submitted number.
class PendingNumber {
 public:
  bool has_value() const { return done_.HasBeenNotified(); }
  const absl::StatusOr<int>& value() const {
    if (!has_value()) throw std::logic_error("not answered yet");
    return *value_;
  }
  const absl::StatusOr<int>& WaitForValue() const {
    done_.WaitForNotification();
    return *value_;
  }
  void Set(absl::StatusOr<int> value) {
    value_ = std::move(value);
    done_.Notify();
  }

 private:
  std::optional<absl::StatusOr<int>> value_;
  absl::Notification done_;
};
using Answer = std::shared_ptr<PendingNumber>;

inline Answer Submit(Numbers& numbers, Number number, absl::Time deadline = absl::InfiniteFuture(),
                     std::stop_token stop = {}) {
  auto answer = std::make_shared<PendingNumber>();
  [](async::Task<absl::StatusOr<int>> task, Answer target) -> async::Detached {
    absl::StatusOr<int> value = co_await std::move(task);
    target->Set(std::move(value));
  }(numbers.Submit(std::move(number), deadline, std::move(stop)), answer);
  return answer;
}

// Each batch waits until the test says Finish. For one thread, beside one that calls Close.
class ManualFlush {
 public:
  Numbers::Flush function() {
    return [this](std::vector<const Number*> batch) { return Flush(std::move(batch)); };
  }

  // The values of each batch so far.
  const std::vector<std::vector<int>>& batches() const { return batches_; }

  // Ends the oldest batch, with what it should give or with `error`; false when none waits.
  bool Finish(absl::Status error = absl::OkStatus()) {
    if (parked_.empty()) return false;
    error_ = std::move(error);
    const std::coroutine_handle<> oldest = parked_.front();
    parked_.pop_front();
    oldest.resume();
    return true;
  }
  void FinishAtOnceFromNowOn() { at_once_ = true; }

 private:
  struct Park {
    ManualFlush* flush;
    bool await_ready() const { return flush->at_once_; }
    void await_suspend(std::coroutine_handle<> caller) { flush->parked_.push_back(caller); }
    void await_resume() const {}
  };

  async::Task<absl::StatusOr<Numbers::Results>> Flush(std::vector<const Number*> batch) {
    std::vector<int> values;
    for (const Number* number : batch) values.push_back(number->value);
    batches_.push_back(std::move(values));
    co_await Park{this};
    const absl::Status error = std::exchange(error_, absl::OkStatus());
    if (!error.ok()) co_return error;
    co_return TenTimes(batch);
  }

  std::vector<std::vector<int>> batches_;
  std::deque<std::coroutine_handle<>> parked_;
  absl::Status error_;
  bool at_once_ = false;
};

// Batches end on threads, as they do on the lanes of a database.
class FlushThreads {
 public:
  explicit FlushThreads(int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~FlushThreads() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    threads_.clear();  // joins
  }

  Numbers::Flush function() {
    return [this](std::vector<const Number*> batch) { return Flush(std::move(batch)); };
  }
  int items() const {
    absl::MutexLock lock(&mutex_);
    return items_;
  }
  int batches_with_equal_keys() const {
    absl::MutexLock lock(&mutex_);
    return batches_with_equal_keys_;
  }

 private:
  struct Hop {
    FlushThreads* flush;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      FlushThreads* threads = flush;
      absl::MutexLock lock(&threads->mutex_);
      threads->parked_.push_back(caller);
    }
    void await_resume() const {}
  };

  async::Task<absl::StatusOr<Numbers::Results>> Flush(std::vector<const Number*> batch) {
    co_await Hop{this};
    std::set<std::string> keys;
    for (const Number* number : batch) keys.insert(number->key);
    {
      absl::MutexLock lock(&mutex_);
      items_ += static_cast<int>(batch.size());
      if (keys.size() != batch.size()) ++batches_with_equal_keys_;
    }
    co_return TenTimes(batch);
  }

  void Run() {
    while (true) {
      std::coroutine_handle<> caller;
      {
        absl::MutexLock lock(&mutex_);
        const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return stopping_ || !parked_.empty();
        };
        mutex_.Await(absl::Condition(&ready));
        if (parked_.empty()) return;
        caller = parked_.front();
        parked_.pop_front();
      }
      caller.resume();
    }
  }

  mutable absl::Mutex mutex_;
  std::deque<std::coroutine_handle<>> parked_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int items_ ABSL_GUARDED_BY(mutex_) = 0;
  int batches_with_equal_keys_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace veille::testing
