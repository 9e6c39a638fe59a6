#pragma once

// One batch of recorded calls, in one transaction: lock, decide, store.

#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/batches/calls.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// One answer per ask, in order. At most one ask per lease.
absl::StatusOr<std::vector<RecordAnswer>> RecordBatch(db::WriteTx& tx, const privacy::Seal& seal,
                                                      const std::vector<const RecordAsk*>& asks);

}  // namespace veille::call_tracking
