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
#include "common/db/lane_metrics.h"
#include "common/status/errors.h"

namespace veille::db {

Limits Within(absl::Duration timeout, std::vector<ids::LandlordId> landlords) {
  return Limits{absl::Now() + timeout, {}, std::move(landlords)};
}

// The queue and its threads.
class Database::Lanes {
 public:
  explicit Lanes(DatabaseOptions options)
      : options_(std::move(options)), metrics_(options_.lanes) {}

  absl::Status Start() {
    auto first = std::make_unique<Lane>(options_, metrics_);
    const absl::Time deadline = absl::Now() + options_.patience;
    while (!first->Connect()) {
      if (absl::Now() >= deadline) return errors::DatabaseUnavailable();
      absl::SleepFor(absl::Milliseconds(50));
    }
    for (int i = 0; i < options_.lanes; ++i) {
      auto lane = i == 0 ? std::move(first) : std::make_unique<Lane>(options_, metrics_);
      threads_.emplace_back(
          [this, i, lane = std::move(lane)] { Serve(*lane, static_cast<size_t>(i)); });
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
    if (idle_.empty()) {
      waiting_.push_back(waiter);
      return true;
    }
    // The lane that was busy last: its connection, its backend and their caches are warm.
    Seat* seat = idle_.back();
    idle_.pop_back();
    seat->work = waiter;
    seat->called.Signal();
    return true;
  }

  int Hanging() const { return metrics_.Hanging(absl::Now()); }

  void Expose(metrics::Scrape& scrape) {
    size_t waiting = 0;
    {
      absl::MutexLock lock(&mutex_);
      waiting = waiting_.size();
    }
    metrics_.Expose(scrape, waiting, absl::Now());
  }

  void Close() {
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
      for (Seat* seat : idle_) seat->called.Signal();
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  // Where a lane waits for work to be handed to it.
  struct Seat {
    absl::CondVar called;
    RunAwaiter* work = nullptr;
  };

  void Serve(Lane& lane, size_t number) {
    Seat seat;
    while (RunAwaiter* waiter = Next(seat)) {
      const absl::Time begin = absl::Now();
      metrics_.Busy(number, begin, waiter->work->limits.deadline);
      waiter->result = lane.Execute(*waiter->work);
      metrics_.Worked(absl::Now() - begin);
      const std::coroutine_handle<> caller = waiter->caller;
      caller.resume();
      metrics_.Idle(number);
    }
  }

  // Null when closed and nothing waits.
  RunAwaiter* Next(Seat& seat) {
    absl::MutexLock lock(&mutex_);
    if (!waiting_.empty()) {
      RunAwaiter* waiter = waiting_.front();
      waiting_.pop_front();
      return waiter;
    }
    if (closed_) return nullptr;
    seat.work = nullptr;
    idle_.push_back(&seat);
    while (seat.work == nullptr && !closed_) seat.called.Wait(&mutex_);
    if (seat.work == nullptr) std::erase(idle_, &seat);
    return seat.work;
  }

  const DatabaseOptions options_;
  LaneMetrics metrics_;
  absl::Mutex mutex_;
  std::deque<RunAwaiter*> waiting_ ABSL_GUARDED_BY(mutex_);  // only while no lane is idle
  std::vector<Seat*> idle_ ABSL_GUARDED_BY(mutex_);          // the last to become idle at the end
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
int Database::HangingLanes() const { return lanes_->Hanging(); }
void Database::Expose(metrics::Scrape& scrape) const { lanes_->Expose(scrape); }

}  // namespace veille::db
