#pragma once

// Verification of a stored trail, some batches at a time.

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/audit/chain.h"
#include "common/db/transaction.h"

namespace veille::audit {

// What stands after the last batch, and where the heads stand that the caller knows.
struct TrailEnd {
  std::vector<int64_t> beyond;              // sequences of events that no batch has
  std::vector<std::optional<Head>> stored;  // for each known head, that of the same batch
  int64_t waiting = 0;
};

// Some batches and their events, as they stood at one moment.
struct TrailPart {
  std::optional<Head> from;  // the stored head of the batch it goes on from; absent: none
  std::vector<Batch> batches;
  std::vector<ChainedEvent> events;  // at their sequences, in order
  std::optional<TrailEnd> end;       // when there are no batches left
  absl::Time now;                    // by the database's clock
};

// The batches after `reached` that hold some `events` together; the end, when there are none.
TrailPart ReadPart(db::ReadTx& tx, ids::LandlordId landlord, const Head& reached, int64_t events,
                   const std::vector<Head>& known);

// Takes each batch of the part with its events, or the end.
void Verify(const TrailPart& part, const std::vector<Head>& known, Verification& verification);

}  // namespace veille::audit
