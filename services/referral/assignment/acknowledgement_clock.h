#pragma once

// Acts on the deadlines for acceptance, and for what comes of it: a thread of its own looks for
// referrals that are overdue by the database's clock and takes the step of each that is due
// (assignment/overdue.h).
//
// Each referral has a transaction of its own: a step counts the open referrals of several partners,
// and two transactions that did so for several referrals would wait for each other. One that fails
// is logged, holds up no other and comes with the next round.
//
// Any number of clocks may run on one database: what one holds the others pass over, and what one
// has done is not due any more.

#include <atomic>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/privacy/seal.h"
#include "common/telemetry/metrics.h"
#include "referral/assignment/overdue.h"

namespace veille::referral {

struct AcknowledgementClockOptions {
  absl::Duration interval = absl::Seconds(5);
  absl::Duration timeout = absl::Seconds(10);  // of one transaction
  int batch = 64;                              // how many are listed at once
  // Called on the clock's thread after steps that others are to be told of: there is something to
  // push, and for call-tracking to know.
  std::function<void()> on_steps = [] {};
};

// Owned by main; the parts it is given outlive it.
class AcknowledgementClock {
 public:
  AcknowledgementClock(db::Database& database, const privacy::Seal& seal,
                       AcknowledgementClockOptions options = {});

  // Lets the step end that is being taken, and joins the thread. Idempotent; the database must
  // still be open.
  void Stop() {
    stopping_ = true;
    loop_.Stop();
  }

  // How many steps were taken.
  void Expose(metrics::Scrape& scrape) const;

 private:
  // Takes the steps of one batch; true when there may be another.
  bool Step();
  // True when others are to be told.
  bool Act(const Overdue& overdue);

  db::Database& database_;
  const privacy::Seal& seal_;
  const AcknowledgementClockOptions options_;
  std::atomic<bool> stopping_ = false;
  Overdue last_;  // of the round so far
  metrics::Counter reminded_;
  metrics::Counter second_contact_;
  metrics::Counter given_to_next_;
  metrics::Counter coordinator_told_;
  metrics::Counter outcome_asked_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::referral
