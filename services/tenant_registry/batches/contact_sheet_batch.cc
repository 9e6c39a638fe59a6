#include "tenant_registry/batches/contact_sheet_batch.h"

#include <utility>

#include "common/db/landlords.h"
#include "common/status/macros.h"

namespace veille::tenant_registry {
namespace {

// One statement reads at most about this many sheets: callers that ask for more than their share of
// a batch have a transaction of their own.
constexpr size_t kMostPerStatement = 256;
constexpr size_t kMostShared = 8;
constexpr absl::Duration kFlushTime = absl::Seconds(10);

std::vector<ContactSheet> Found(std::vector<std::optional<ContactSheet>>& sheets, size_t first,
                                size_t count) {
  std::vector<ContactSheet> found;
  for (size_t i = first; i < first + count; ++i) {
    if (sheets[i].has_value()) found.push_back(*std::move(sheets[i]));
  }
  return found;
}

}  // namespace

ContactSheetBatch::ContactSheetBatch(db::Database& database)
    : database_(database),
      coalescer_({.max_batch = kMostPerStatement / kMostShared,
                  .max_in_flight = 2,
                  .on_batch = [this](size_t size) { sizes_.Observe(static_cast<double>(size)); }},
                 [this](std::vector<const Asked*> items) { return Flush(std::move(items)); }) {}

async::Task<absl::StatusOr<std::vector<ContactSheet>>> ContactSheetBatch::Read(Asked asked,
                                                                               db::Limits limits) {
  if (asked.size() <= kMostShared) {
    absl::StatusOr<Sheets> sheets =
        co_await coalescer_.Submit(std::move(asked), limits.deadline, limits.stop);
    co_return sheets;
  }
  absl::StatusOr<Sheets> sheets =
      co_await database_.Write(limits, [&](db::WriteTx& tx) -> absl::StatusOr<Sheets> {
        auto all = ReadContactSheets(tx, asked);
        return Found(all, 0, all.size());
      });
  co_return sheets;
}

async::Task<absl::StatusOr<std::vector<absl::StatusOr<std::vector<ContactSheet>>>>>
ContactSheetBatch::Flush(std::vector<const Asked*> items) {
  Asked all;
  for (const Asked* item : items) all.insert(all.end(), item->begin(), item->end());
  using Optional = std::vector<std::optional<ContactSheet>>;
  absl::StatusOr<Optional> read = co_await database_.Write(
      db::Within(kFlushTime, db::LandlordsOf(all, &AskedSheet::landlord)),
      [&](db::WriteTx& tx) -> absl::StatusOr<Optional> { return ReadContactSheets(tx, all); });
  CO_ASSIGN_OR_RETURN(Optional sheets, std::move(read));
  std::vector<absl::StatusOr<Sheets>> results;
  size_t first = 0;
  for (const Asked* item : items) {
    results.push_back(Found(sheets, first, item->size()));
    first += item->size();
  }
  co_return results;
}

}  // namespace veille::tenant_registry
