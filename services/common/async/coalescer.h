#pragma once

// Shares one transaction among callers that come at the same time.
//
// While one batch commits, the next gathers; there is no timer. One flush (a set-based statement
// and a commit) answers up to `max_batch` callers, each only after its own write is durable. Under
// low load a batch is one item and costs what a single call costs; under high load the cost of the
// commit is divided by the batch.
//
//  * Two items with the same key never share a batch: the second goes with the next.
//  * A refused item is a result with an error, never an exception: it does not disturb its batch.
//  * If the flush of a batch of several fails as a whole, each of its items is flushed alone, so
//  one
//    poisoned item fails by itself. The flush must therefore be safe to repeat (request ids,
//    fences). Not when the database is gone or overloaded: then no item is to blame, and all are
//    told so.
//  * An item whose deadline has passed, or whose caller has cancelled, is dropped when the batch is
//    formed. Once taken it runs to its end.
//  * After the await only convert and finish: the thread that flushed resumes up to `max_batch`
//    callers one after the other.
//
// Threads: any. Ownership: outlives all submitted items; `Close()` before destruction.

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/status/errors.h"

namespace veille::async {

struct CoalescerOptions {
  size_t max_batch = 256;
  int max_in_flight = 1;      // batches being flushed at the same time
  size_t max_waiting = 8192;  // more are refused with OVERLOADED
  // Sees the size of each batch that is flushed (a metric); may be empty.
  std::function<void(size_t)> on_batch;
};

template <typename Item, typename Result>
class Coalescer {
 public:
  using Results = std::vector<absl::StatusOr<Result>>;
  // Gives one result per item, in order, or an error for the whole batch. The items live until the
  // flush has ended.
  using Flush = std::function<Task<absl::StatusOr<Results>>(std::vector<const Item*>)>;
  // Items with equal keys never share a batch; nil (an empty function) means that all may.
  using Key = std::function<std::string(const Item&)>;

  Coalescer(CoalescerOptions options, Flush flush, Key key = nullptr)
      : options_(std::move(options)), flush_(std::move(flush)), key_(std::move(key)) {}
  ~Coalescer() { Close(); }
  Coalescer(const Coalescer&) = delete;
  Coalescer& operator=(const Coalescer&) = delete;

  // The item's own result; DEADLINE_EXCEEDED or CANCELLED when it was dropped before it was taken
  // (then nothing was written); UNAVAILABLE when closing; RESOURCE_EXHAUSTED when too many wait.
  Task<absl::StatusOr<Result>> Submit(Item item, absl::Time deadline, std::stop_token stop) {
    Waiter waiter{std::move(item), deadline, std::move(stop)};
    if (key_) waiter.key = key_(waiter.item);
    co_return co_await Wait{this, &waiter};
  }

  // Refuses new items and waits until those waiting are answered. Blocks.
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return waiting_.empty() && flushing_ == 0 && resuming_ == 0;
    };
    mutex_.Await(absl::Condition(&idle));
  }

 private:
  struct Waiter {
    Item item;
    absl::Time deadline;
    std::stop_token stop;
    std::string key = {};
    absl::StatusOr<Result> result = absl::UnknownError("not flushed");
    std::coroutine_handle<> caller;
    // Set by the answer and by the suspension; whoever comes second continues the caller, so that a
    // flush which ends at once does not pile up on the stack.
    std::atomic<bool> one_arrived{false};

    bool Arrive() { return one_arrived.exchange(true, std::memory_order_acq_rel); }
  };
  using Batch = std::vector<Waiter*>;

  struct Wait {
    Coalescer* coalescer;
    Waiter* waiter;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
      waiter->caller = caller;
      // False (do not suspend) when it was refused, or is answered already.
      return coalescer->Push(waiter) && !waiter->Arrive();
    }
    absl::StatusOr<Result> await_resume() { return std::move(waiter->result); }
  };

  // False when the waiter was refused and its result set.
  bool Push(Waiter* waiter) {
    Batch taken;
    Batch dropped;
    {
      absl::MutexLock lock(&mutex_);
      if (closed_ || waiting_.size() >= options_.max_waiting) {
        waiter->result = closed_ ? errors::Draining() : errors::Overloaded(absl::Milliseconds(200));
        return false;
      }
      waiting_.push_back(waiter);
      if (flushing_ >= options_.max_in_flight) return true;
      TakeBatch(taken, dropped);
    }
    Go(std::move(taken), std::move(dropped));
    return true;
  }

  // Sets the result of a waiter that is not worth flushing any more: nothing of it was written.
  static bool Drop(Waiter* waiter, absl::Time now) {
    if (waiter->stop.stop_requested()) {
      waiter->result = errors::Cancelled();
    } else if (waiter->deadline <= now) {
      waiter->result = errors::DeadlinePassed();
    } else {
      return false;
    }
    return true;
  }

  // Moves the next batch out of the queue. What is past its deadline or cancelled is dropped.
  void TakeBatch(Batch& taken, Batch& dropped) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time now = absl::Now();
    absl::flat_hash_set<std::string> keys;
    std::deque<Waiter*> later;
    // So many with keys that are taken already bound the search.
    while (!waiting_.empty() && taken.size() < options_.max_batch &&
           later.size() < options_.max_batch) {
      Waiter* waiter = waiting_.front();
      waiting_.pop_front();
      if (Drop(waiter, now)) {
        dropped.push_back(waiter);
      } else if (key_ && !keys.insert(waiter->key).second) {
        later.push_back(waiter);
      } else {
        taken.push_back(waiter);
      }
    }
    waiting_.insert(waiting_.begin(), later.begin(), later.end());
    if (!taken.empty() || !dropped.empty()) ++flushing_;
  }

  // How many batches this thread is starting inside each other: flushes that end at once.
  [[gnu::noinline]] static int& Depth() {
    thread_local int depth = 0;
    return depth;
  }

  void Go(Batch taken, Batch dropped) {
    if (taken.empty() && dropped.empty()) return;
    ++Depth();
    Drive(std::move(taken), std::move(dropped));
    --Depth();
  }

  // Flushes the batch, starts the next and answers the callers. `this` outlives it: Close() waits.
  Detached Drive(Batch batch, Batch dropped) {
    while (true) {
      if (!batch.empty()) co_await FlushBatch(batch);
      batch.insert(batch.end(), dropped.begin(), dropped.end());
      // The next batch starts before this one's callers run, so that the database is never idle;
      // unless that would pile up on the stack.
      Batch next;
      Batch next_dropped;
      {
        absl::MutexLock lock(&mutex_);
        --flushing_;
        ++resuming_;
        TakeBatch(next, next_dropped);
      }
      const bool goes_now = Depth() < kMostDepth;
      if (goes_now) Go(std::exchange(next, {}), std::exchange(next_dropped, {}));
      for (Waiter* waiter : batch) {
        if (waiter->Arrive()) waiter->caller.resume();
      }
      batch = std::move(next);
      dropped = std::move(next_dropped);
      absl::MutexLock lock(&mutex_);
      --resuming_;
      if (batch.empty() && dropped.empty()) co_return;
    }
  }

  Task<void> FlushBatch(Batch batch) {
    if (options_.on_batch) options_.on_batch(batch.size());
    const absl::Status whole = co_await FlushInto(batch);
    if (whole.ok() || batch.size() == 1 || IsOfNoItem(whole)) co_return;
    for (Waiter* waiter : batch) {
      // Each takes time: the deadline of the last ones may have passed.
      if (Drop(waiter, absl::Now())) continue;
      Batch alone = {waiter};
      (void)co_await FlushInto(std::move(alone));
    }
  }

  static bool IsOfNoItem(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  }

  // Sets the result of every waiter; the error when the batch failed as a whole.
  Task<absl::Status> FlushInto(Batch batch) {
    std::vector<const Item*> items;
    items.reserve(batch.size());
    for (const Waiter* waiter : batch) items.push_back(&waiter->item);
    absl::StatusOr<Results> results = errors::Internal();
    try {
      results = co_await flush_(std::move(items));
    } catch (const std::exception&) {
      results = errors::Internal("a flush failed unexpectedly");
    }
    if (results.ok() && results->size() != batch.size()) {
      results = errors::Internal("a flush answered another number of items than it was given");
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      batch[i]->result = results.ok() ? std::move((*results)[i]) : results.status();
    }
    co_return results.status();
  }

  static constexpr int kMostDepth = 8;
  const CoalescerOptions options_;
  const Flush flush_;
  const Key key_;
  absl::Mutex mutex_;
  std::deque<Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);
  int flushing_ ABSL_GUARDED_BY(mutex_) = 0;  // batches at the database
  int resuming_ ABSL_GUARDED_BY(mutex_) = 0;  // batches whose callers are being resumed
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace veille::async
