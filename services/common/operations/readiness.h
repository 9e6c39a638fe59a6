#pragma once

// Whether the service should get calls: its database answers and has the right schema, and it is
// not draining.
//
// A thread of its own looks every second, so that a probe is answered at once whatever the database
// does; a look that is older than kLongestBlind counts as a database that does not answer.
//
// Threads: any. Ownership: the database outlives it, open.

#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "common/db/migration.h"

namespace veille::operations {

class Readiness {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  static constexpr absl::Duration kLongestBlind = absl::Seconds(8);

  // The schema has just been checked. `drain` is stopped when the service drains.
  Readiness(db::Database& database, std::vector<db::Migration> schema, std::stop_token drain);

  // What is not ready, "draining", "database" or "schema"; nothing when all is.
  std::vector<std::string> Missing() const;

  // Before the database closes. Idempotent.
  void Stop() { loop_.Stop(); }

 private:
  bool Look();

  db::Database& database_;
  const std::vector<db::Migration> schema_;
  const std::stop_token drain_;
  mutable absl::Mutex mutex_;
  absl::Time look_time_ ABSL_GUARDED_BY(mutex_);
  std::string missing_ ABSL_GUARDED_BY(mutex_);  // empty: nothing
  async::PollLoop loop_;                         // last: its thread uses all of the above
};

}  // namespace veille::operations
