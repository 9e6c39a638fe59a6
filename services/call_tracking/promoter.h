#pragma once

// Moves the queue of calls on with time: leases that ran out end, households whose time has come
// become due (weekly calls of volunteers who are away among them), and each time zone of a campaign
// gets its next span of call hours. A second late at
// most; a wake-up makes it sooner. Many replicas may run one each.

#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/time/clock.h"

namespace veille::call_tracking {

struct PromoterOptions {
  absl::Duration interval = absl::Seconds(1);
  int batch = 1000;  // rows of each kind in one transaction
};

class Promoter {
 public:
  // `clock` is that of business rules (retries, call hours); leases end by the database's. Both
  // outlive the promoter. Owned by main.
  Promoter(db::Database& database, const time::Clock& clock, PromoterOptions options = {});

  void Wake() { loop_.Wake(); }
  void Stop() { loop_.Stop(); }

 private:
  bool Step();

  db::Database& database_;
  const time::Clock& clock_;
  const PromoterOptions options_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::call_tracking
