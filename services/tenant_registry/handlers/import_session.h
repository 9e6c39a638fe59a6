#pragma once

// One stream of an import, from its header to its end. Used by one coroutine.

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/async/task.h"
#include "tenant_registry/domain/import.h"
#include "tenant_registry/domain/register_row.h"
#include "tenant_registry/request_context.h"

namespace veille::tenant_registry::handlers {

class ImportSession {
 public:
  // Where the client goes on.
  struct Start {
    ImportId id;
    int64_t chunks = 0;
    int64_t rows = 0;
    bool done = false;
  };

  virtual ~ImportSession() = default;

  // Errors: LANDLORD_NOT_FOUND, IMPORT_CONFLICT, REQUEST_ID_REUSED.
  virtual async::Task<absl::StatusOr<Start>> Begin() = 0;

  // The verdicts, one per row, when the chunk is stored. Errors: IMPORT_CHUNK_OUT_OF_ORDER,
  // IMPORT_CONFLICT.
  virtual async::Task<absl::StatusOr<std::vector<RowVerdict>>> TakeChunk(
      int64_t number, std::vector<JudgedRow> rows) = 0;

  // Errors: IMPORT_INCOMPLETE, IMPORT_EMPTY, IMPORT_CONFLICT.
  virtual async::Task<absl::StatusOr<ImportTotals>> Finish(int64_t row_count) = 0;

  // Ends the stream's hold on an import that is not finished.
  virtual async::Task<void> LetGo() = 0;

  // By what its rows are judged; after Begin.
  const RowRules& rules() const { return rules_; }

 protected:
  RowRules rules_;
};

// Stores the rows; goes on where an earlier stream of the same import was cut.
std::unique_ptr<ImportSession> StoringSession(RequestContext& context, ImportHeader header);

// Judges the rows against what is stored, and stores nothing. What it has seen is kept in memory:
// some 60 bytes per row.
std::unique_ptr<ImportSession> DrySession(RequestContext& context, ImportHeader header);

// By the header's day, or by today's in France.
RowRules RulesFor(const ImportHeader& header, absl::Time now);

}  // namespace veille::tenant_registry::handlers
