#pragma once

// The rows of the audit trail.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/audit/chain.h"
#include "common/audit/denials.h"
#include "common/db/transaction.h"

namespace veille::audit {

// For the loop, over all landlords.

// False when another replica is at it: one at a time continues the chains, until its transaction
// ends.
bool TakeTurn(db::WriteTx& tx);

// Takes away events that wait to be chained, `most` at most, sorted by landlord, time and id.
std::vector<ChainedEvent> TakeWaiting(db::WriteTx& tx, int most);

struct LandlordHead {
  ids::LandlordId landlord;
  Head head;
};
// The newest heads of those of the landlords whose chain has begun.
std::vector<LandlordHead> ListHeads(db::ReadTx& tx, const std::vector<ids::LandlordId>& landlords);

// Puts them at their places.
void InsertChained(db::WriteTx& tx, const std::vector<ChainedEvent>& events);

struct LandlordBatch {
  ids::LandlordId landlord;
  Batch batch;
};
void InsertBatches(db::WriteTx& tx, const std::vector<LandlordBatch>& batches);

struct ErasedEvents {
  ids::LandlordId landlord;
  int64_t events = 0;
};
// Erases the events of `most` batches whose newest event is older than `keep`, by the database's
// clock; the batches stay.
std::vector<ErasedEvents> EraseBatches(db::WriteTx& tx, absl::Duration keep, int most);

void AppendDenials(db::WriteTx& tx, const std::string& service, const Denials::Gathered& gathered);

struct Waiting {
  int64_t events = 0;  // as far as kMostCounted
  absl::Duration oldest;
};
inline constexpr int kMostCounted = 100'000;
Waiting ReadWaiting(db::ReadTx& tx);

// For handlers, of one landlord.

// Until the transaction ends no replica chains or erases: batches and their events can be read by
// several statements.
void HoldStill(db::ReadTx& tx);

std::optional<Head> FindNewestHead(db::ReadTx& tx, ids::LandlordId landlord);
std::optional<Head> FindHead(db::ReadTx& tx, ids::LandlordId landlord, int64_t batch);

// The batches after `batch` that hold some `events` together (one batch at least), 1000 at most.
std::vector<Batch> ListBatches(db::ReadTx& tx, ids::LandlordId landlord, int64_t batch,
                               int64_t events);

// The chained events from `first` to `last`, by their sequence.
std::vector<ChainedEvent> ListChained(db::ReadTx& tx, ids::LandlordId landlord, int64_t first,
                                      int64_t last, int most);

int64_t CountWaiting(db::ReadTx& tx, ids::LandlordId landlord);

// The database's time.
absl::Time ReadTime(db::ReadTx& tx);

}  // namespace veille::audit
