#pragma once

// Contact sheets asked for at the same time share one statement and one commit.

#include <vector>

#include "absl/status/statusor.h"
#include "common/async/coalescer.h"
#include "common/db/database.h"
#include "common/telemetry/metrics.h"
#include "tenant_registry/store/contact_sheet_store.h"

namespace veille::tenant_registry {

// Owned by the environment; the database outlives it. Threads: any.
class ContactSheetBatch {
 public:
  explicit ContactSheetBatch(db::Database& database);

  // The sheets found, in the order asked; unknown households are left out. Not before their audit
  // events are durable.
  async::Task<absl::StatusOr<std::vector<ContactSheet>>> Read(std::vector<AskedSheet> asked,
                                                              db::Limits limits);

  void Close() { coalescer_.Close(); }

  // How large the batches are.
  void Expose(metrics::Scrape& scrape) const {
    scrape.Add(metrics::kBatchSize, {{metrics::Label::kBatch, "sheet"}}, sizes_);
  }

 private:
  using Asked = std::vector<AskedSheet>;
  using Sheets = std::vector<ContactSheet>;

  async::Task<absl::StatusOr<std::vector<absl::StatusOr<Sheets>>>> Flush(
      std::vector<const Asked*> items);

  db::Database& database_;
  metrics::Histogram sizes_{metrics::kBatchBounds};
  async::Coalescer<Asked, Sheets> coalescer_;
};

}  // namespace veille::tenant_registry
