#pragma once

// Where imports stand: who may write the next chunk, and the sums. The rows themselves are written
// by RegisterStore.

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/db/transaction.h"
#include "tenant_registry/domain/import.h"

namespace veille::tenant_registry {

enum class ImportState { kRunning = 1, kDone = 2, kOvertaken = 3 };

struct StoredImport {
  ImportState state = ImportState::kRunning;
  std::string file_hash;
  bool complete = false;
  DateOrder date_order = DateOrder::kDayMonthYear;
  std::optional<absl::CivilDay> reference_date;
  absl::CivilDay judged_on;
  int64_t chunks = 0;
  int64_t rows = 0;
  int64_t fence = 0;
  bool held = false;  // by a stream that is alive, as far as is known
};

class ImportStore {
 public:
  ImportStore(db::WriteTx& tx, LandlordId landlord) : tx_(tx), landlord_(landlord) {}

  std::optional<StoredImport> Lock(ImportId id);

  // The landlord's running import, if any.
  std::optional<ImportId> LockRunning(bool& held);
  void Overtake(ImportId id);
  void Insert(ImportId id, const ImportHeader& header, absl::CivilDay judged_on);

  // A new stream takes the import over: the new fence.
  int64_t TakeOver(ImportId id);
  // The stream with this fence has ended: the import waits to be continued, or to be overtaken.
  void LetGo(ImportId id, int64_t fence);

  // Counts a chunk in. The rows that were counted before it; nothing when the stream does not hold
  // the import any more, or the chunk is not the next.
  std::optional<int64_t> TakeChunk(ImportId id, int64_t fence, int64_t chunk, int64_t rows);
  void AddCounts(ImportId id, const VerdictCounts& counts);
  VerdictCounts ReadCounts(ImportId id);

  // What the import saw, and the end.
  ImportTotals CountSeen(ImportId id);
  void Finish(ImportId id, const ImportTotals& totals);
  ImportTotals ReadTotals(ImportId id);

 private:
  db::WriteTx& tx_;
  const LandlordId landlord_;
};

}  // namespace veille::tenant_registry
