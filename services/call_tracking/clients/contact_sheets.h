#pragma once

// Contact sheets from the registry, for leases. Callers of one landlord who ask at the same time
// share one request to the registry.
//
// Threads: any. Ownership: made by main, outlives the server; `Close()` before the peer goes.

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "call_tracking/clients/registry_client.h"
#include "call_tracking/domain/contact_sheet.h"
#include "common/async/coalescer.h"
#include "common/async/task.h"
#include "common/db/database.h"
#include "common/telemetry/metrics.h"

namespace veille::call_tracking {

struct ContactSheetAsk {
  ids::LandlordId landlord;
  ids::HouseholdId household;
  ids::LeaseId lease;  // why it is asked: kept in the registry's audit trail
};

class ContactSheets {
 public:
  virtual ~ContactSheets() = default;
  // The registry's error, or a NOT_FOUND (HOUSEHOLD_NOT_FOUND) when it has no such household.
  virtual async::Task<absl::StatusOr<ContactSheet>> Get(ContactSheetAsk ask, db::Limits limits) = 0;
};

struct ContactSheetsOptions {
  size_t sheets_per_request = 256;
  int requests_in_flight = 4;  // of one landlord
};

class RegistryContactSheets final : public ContactSheets {
 public:
  explicit RegistryContactSheets(RegistryClient& registry, ContactSheetsOptions options = {})
      : registry_(registry), options_(options) {}

  async::Task<absl::StatusOr<ContactSheet>> Get(ContactSheetAsk ask, db::Limits limits) override;

  // Refuses new asks and waits for those that are waiting. Blocks.
  void Close();

  // How large the batches are.
  void Expose(metrics::Scrape& scrape) const;

 private:
  using Batches = async::Coalescer<ContactSheetAsk, ContactSheet>;

  Batches& BatchesOf(ids::LandlordId landlord);
  async::Task<absl::StatusOr<Batches::Results>> Fetch(std::vector<const ContactSheetAsk*> asks);

  RegistryClient& registry_;
  const ContactSheetsOptions options_;
  metrics::Histogram sizes_{metrics::kBatchBounds};
  absl::Mutex mutex_;
  absl::flat_hash_map<ids::LandlordId, std::unique_ptr<Batches>> by_landlord_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::call_tracking
