#pragma once

// Pushes the deliveries that are due, until each is received or parked.
//
// A thread of its own claims what is due in batches; the pushes go side by side, each with its own
// deadline, so that a partner that does not answer delays no other; their ends are written
// together.
//
//   receipt                                   DELIVERED, and the referral RECEIVED unless somebody
//   at
//                                             the partner was faster
//   UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNKNOWN, CANCELLED
//                                             DUE again, later and later, for ever; after some
//                                             tries a coordinator is told
//   anything else                             PARKED, and a coordinator is told
//
// A claim holds for 20 s by the database's clock, longer than a push and its end may take. An
// engine that dies leaves its claims to run out; one that was only thought dead finds its fence
// gone and writes nothing. Any number of engines may run on one database.

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/async/coalescer.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/privacy/seal.h"
#include "common/time/clock.h"
#include "referral/delivery/channel_grpc.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

struct EngineOptions {
  absl::Duration interval = absl::Seconds(1);
  absl::Duration hold = absl::Seconds(20);          // of a claim
  absl::Duration push_timeout = absl::Seconds(10);  // of one push
  absl::Duration end_timeout = absl::Seconds(10);   // of writing down how it went
  int batch = 64;
  int most_in_flight = 512;
  // Called, on any thread, when referrals became RECEIVED: call-tracking is to be told.
  std::function<void()> on_received = [] {};
};

// Owned by main; the parts it is given outlive it.
class Engine {
 public:
  Engine(db::Database& database, const privacy::Seal& seal, const time::Clock& clock,
         GrpcChannel& channel, EngineOptions options = {});
  ~Engine();  // stops
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // A hint that something is due; safe from any thread.
  void Wake() { loop_.Wake(); }

  // Gives up the pushes in flight (they are due again at once), waits for their ends and joins the
  // thread. Idempotent; the database must still be open.
  void Stop();

 private:
  using Ends = async::Coalescer<Push, bool>;

  bool Step();
  async::Detached Deliver(Claim claim);
  Push Judge(const Claim& claim, absl::StatusOr<std::string> receipt) const;
  async::Task<absl::StatusOr<Ends::Results>> WriteEnds(std::vector<const Push*> pushes);
  // How many more may be in flight; notes when it is none, so that the next end wakes the loop.
  int Room();
  void BeginOne();
  void EndOne();

  db::Database& database_;
  const privacy::Seal& seal_;
  const time::Clock& clock_;
  GrpcChannel& channel_;
  const EngineOptions options_;
  std::stop_source stop_;
  absl::Mutex mutex_;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool starved_ ABSL_GUARDED_BY(mutex_) = false;
  Ends ends_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::referral
