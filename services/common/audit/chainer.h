#pragma once

// The loop behind the audit trail: writes denials, chains the events that wait, erases those whose
// time is over.
//
// Acts write their events and wait for nothing: what is committed is chained some moments later, in
// batches, each landlord's events apart. One transaction does it, from taking the events to the new
// heads: if the process dies in between, the events wait on. One replica at a time does it, and if
// two did, the key of the batches would let only one of them commit.

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/audit/denials.h"
#include "common/audit/keys.h"
#include "common/db/database.h"
#include "common/operations/figures.h"

namespace veille::audit {

struct ChainerOptions {
  std::string service;         // "call-tracking"
  const Keys* keys = nullptr;  // none: heads are not signed
  absl::Duration interval = absl::Seconds(1);
  // How long events are kept. Their commitments stay.
  absl::Duration keep = absl::Hours(24 * 365 * 3 + 24);
  absl::Duration erase_interval = absl::Hours(1);  // between two looks for what is past that
  int events_per_turn = 2000;                      // in one transaction
  int events_per_batch = 1000;                     // what is erased, or found wrong, together
  absl::Duration timeout = absl::Seconds(10);      // of one transaction
};

// Chains events that wait; how many. 0 when there are none, or another replica is at it.
absl::StatusOr<int> ChainWaiting(db::WriteTx& tx, const ChainerOptions& options);

// Erases some batches that are past their time, and leaves an event of that; how many events were
// erased. 0 likewise.
absl::StatusOr<int64_t> ErasePast(db::WriteTx& tx, const ChainerOptions& options);

// Owned by main; what it is given outlives it.
class Chainer {
 public:
  Chainer(db::Database& database, Denials& denials, ChainerOptions options);

  // Writes what denials have gathered and joins the thread. Idempotent; the database must still be
  // open. What waits is chained by the next replica, or the next start.
  void Stop();

  const ChainerOptions& options() const { return options_; }

  void Expose(metrics::Scrape& scrape) const;
  absl::Status Read(db::ReadTx& tx, operations::Readings& readings) const;

 private:
  bool Step();
  void WriteDenials();
  bool Chain();
  bool Erase();

  db::Database& database_;
  Denials& denials_;
  const ChainerOptions options_;
  absl::Time next_erasure_ = absl::InfinitePast();
  metrics::Counter chained_;
  metrics::Counter erased_;
  metrics::Counter failures_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::audit
