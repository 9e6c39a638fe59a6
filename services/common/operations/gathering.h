#pragma once

// Figures that only the database knows: how long the oldest case waits, how many leases live.
//
// A thread of its own reads them every so often in one short read transaction, whatever scrapes. A
// scrape shows what was read last, with its age, so that stale figures are seen to be stale; before
// the first reading there are none, rather than zeros.
//
// Threads: any. Ownership: the database outlives it, open.

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/operations/figures.h"
#include "common/telemetry/metrics.h"

namespace veille::operations {

// Reads figures with statements that cost little however large the tables are. May run again.
using Reader = std::function<absl::Status(db::ReadTx&, Readings&)>;

class Gathering {
 public:
  Gathering(db::Database& database, absl::Duration interval, Reader reader);

  void Expose(metrics::Scrape& scrape) const;

  // Before the database closes. Idempotent.
  void Stop() { loop_.Stop(); }

 private:
  bool Gather();

  db::Database& database_;
  const Reader reader_;
  metrics::Counter failures_;
  mutable absl::Mutex mutex_;
  Readings readings_ ABSL_GUARDED_BY(mutex_);
  absl::Time gather_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Duration gathering_ ABSL_GUARDED_BY(mutex_);
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::operations
