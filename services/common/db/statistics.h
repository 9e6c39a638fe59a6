#pragma once

// Keeps what the planner believes of a table from being of another time than the table.
//
// Autovacuum gathers statistics a minute late, and a campaign's first minute is its busiest: what
// was empty a second ago is asked for thousands of rows, by plans that read a whole landlord for
// each. A thread of its own looks every second for tables that have grown fourfold, and gathers
// theirs (common/migrations/0009_analyze_grown_tables.sql). A look at tables that have not grown
// reads the catalogue only; one that fails is made up for by the next.
//
// Threads: any. Ownership: the database outlives it, open.

#include "absl/status/statusor.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"

namespace veille::db {

// Gathers the statistics of tables that have grown; of how many.
absl::StatusOr<int> AnalyzeGrownTables(WriteTx& tx);

class Statistics {
 public:
  explicit Statistics(Database& database);

  // Before the database closes. Idempotent.
  void Stop() { loop_.Stop(); }

 private:
  async::PollLoop loop_;
};

}  // namespace veille::db
