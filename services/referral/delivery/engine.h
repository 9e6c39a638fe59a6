#pragma once

// Pushes the deliveries that are due, until each is received or parked.
//
// A thread of its own claims what is due in batches; the pushes go side by side, each with its own
// deadline; their ends are written together. A partner that has `most_per_partner` pushes
// unanswered, or has had `most_per_second`, gets no more for now, so that one that never answers
// delays no other, however much waits for it.
//
//   receipt                                   DELIVERED, and the referral RECEIVED unless a person
//                                             at the partner was faster
//   the way to the partner fails, or it answers anything else
//                                             DUE again, later and later, for ever; after some
//                                             tries a coordinator is told
//   the endpoint is gone                      PARKED, a coordinator is told, and the partner is
//                                             suspended: nothing is pushed to it until a person
//                                             resumes it or changes its endpoint
//   nothing sent, and nothing will be: the case does not open, the endpoint is where no call may
//   go, there is no key                       PARKED, and a coordinator is told
//
// The notice of a test of a partner's machine is pushed and tried again the same way. Whatever
// becomes of it, no coordinator is told and no endpoint is switched off; see
// store/partner_test_queue.h.
//
// After `failures_before_rest` failures in a row a partner rests, and so it does for as long as it
// asks to: nothing is pushed to it, and what waits is put off, which counts as a try of each. Then
// one push finds out whether it is back; if so, all that waits is due, and if not, it rests longer.
//
// A claim holds for `hold` by the database's clock and is renewed while its push is in flight. So
// what an engine that dies had in hand is pushed again some seconds later, by itself after its
// restart or by another: any number of engines may run on one database. One that was only thought
// dead finds its fence gone and writes nothing.

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/async/coalescer.h"
#include "common/async/looks.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/privacy/seal.h"
#include "common/telemetry/metrics.h"
#include "common/time/clock.h"
#include "referral/delivery/allowance.h"
#include "referral/delivery/breaker.h"
#include "referral/delivery/channel.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

struct EngineOptions {
  absl::Duration interval = absl::Seconds(1);
  absl::Duration hold = absl::Seconds(5);           // of a claim that is not renewed
  absl::Duration push_timeout = absl::Seconds(10);  // of one push
  absl::Duration end_timeout = absl::Seconds(10);   // of writing down how it went
  int batch = 64;
  int most_per_partner = 16;
  int most_per_second = 200;  // to one partner
  int failures_before_rest = 5;
  int most_in_flight = 1024;
  // Called, on any thread, when referrals became RECEIVED: call-tracking is to be told.
  std::function<void()> on_received = [] {};
};

// Owned by main; the parts it is given outlive it.
class Engine {
 public:
  Engine(db::Database& database, const privacy::Seal& seal, const time::Clock& clock,
         Channels channels, EngineOptions options = {});
  ~Engine();  // stops
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // A hint that something is due; safe from any thread.
  void Wake() { loop_.Wake(); }

  // Gives up the pushes in flight (they are due again at once), waits for their ends and joins the
  // thread. Idempotent; the database must still be open.
  void Stop();

  // How many ends are written together.
  void Expose(metrics::Scrape& scrape) const {
    scrape.Add(metrics::kBatchSize, {{metrics::Label::kBatch, "delivery_end"}}, sizes_);
  }

 private:
  using Ends = async::Coalescer<Push, bool>;

  // A claim, and what is sent for it: made once, so that what is recorded is what leaves.
  struct Departure {
    Claim claim;
    partner_pb::DeliverReferralRequest notice;  // empty when the case does not open
  };

  // A claim whose push is in flight.
  struct Flight {
    Held held;
    std::chrono::steady_clock::time_point renew_time;
  };

  bool Step();
  // Claims what is due, and records what its notices tell before any of them leaves.
  std::vector<Departure> ClaimDue(db::WriteTx& tx, const Portion& portion, absl::Time now) const;
  // Holds on to the claims that would run out soon.
  void RenewClaims();
  async::Detached Deliver(Departure departure);
  async::Task<Answer> Send(const Departure& departure);
  Push Judge(const Claim& claim, const Answer& answer) const;
  // What the answer means for the other pushes to the partner, written down.
  async::Task<void> Heed(const Claim& claim, const Answer& answer);
  Breaker::Verdict Note(const Claim& claim, const Answer& answer);
  async::Task<absl::Status> Rest(const Claim& claim, Breaker::Verdict verdict,
                                 absl::Duration asked);
  async::Task<absl::Status> EndRest(const Claim& claim);
  async::Task<absl::Status> SwitchOff(const Claim& claim);
  async::Task<absl::StatusOr<Ends::Results>> WriteEnds(std::vector<const Push*> pushes);
  // What may be in flight beside what is. Notes what that leaves out, so that the end of a push
  // that makes room wakes the loop.
  Portion Room();
  // There may be more due when a look was full, or a partner got all that it may have: its others
  // took the places of those behind them.
  void NoteClaimed(const Portion& portion, const std::vector<Departure>& claimed);
  void BeginOne(const Claim& claim);
  void EndOne(const Claim& claim);

  db::Database& database_;
  const privacy::Seal& seal_;
  const time::Clock& clock_;
  const Channels channels_;
  const EngineOptions options_;
  std::stop_source stop_;
  absl::Mutex mutex_;
  // By delivery and fence: a claim that ran out may be taken again while its push is in flight.
  absl::flat_hash_map<std::pair<DeliveryId, int64_t>, Flight> flights_ ABSL_GUARDED_BY(mutex_);
  Allowance allowance_ ABSL_GUARDED_BY(mutex_);
  Breaker breaker_ ABSL_GUARDED_BY(mutex_);
  async::Looks looks_ ABSL_GUARDED_BY(mutex_);
  bool starved_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<ids::PartnerId> held_back_ ABSL_GUARDED_BY(mutex_);
  metrics::Histogram sizes_{metrics::kBatchBounds};
  Ends ends_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::referral
