#pragma once

// What the handlers of the registry work with. Made by main (or a test); outlives the server, and
// is outlived by the database.

#include <array>
#include <string>
#include <vector>

#include "common/outbox/relay.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"
#include "common/telemetry/metrics.h"
#include "tenant_registry/batches/contact_sheet_batch.h"
#include "tenant_registry/domain/import.h"
#include "tenant_registry/relay/household_change_sender.h"

namespace veille::tenant_registry {

class RequestContext;

// What the imports of this process came to; dry runs are left out.
class ImportMetrics {
 public:
  void Took(const std::vector<RowVerdict>& rows);
  // A stream has ended: its import was done, or it broke off.
  void Ended(bool done) { (done ? done_ : broken_off_).Add(); }

  void Expose(metrics::Scrape& scrape) const;

 private:
  std::array<metrics::Counter, static_cast<size_t>(Verdict::kRefused) + 1> rows_;  // by verdict
  metrics::Counter done_;
  metrics::Counter broken_off_;
};

struct Environment {
  using Context = RequestContext;

  // Starts the relay to call-tracking at `calls`.
  Environment(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
              const rpc::Endpoint& calls, outbox::RelayOptions relay_options = {});
  ~Environment() { Close(); }

  // Stops the relay and ends what waits in batches; after the server is drained. Idempotent.
  void Close();

  const rpc::ServerEnvironment server;
  const privacy::Seal& seal;
  ContactSheetBatch contact_sheets;
  ImportMetrics imports;
  const HouseholdChangeSender sender;
  outbox::Relay relay;
};

}  // namespace veille::tenant_registry
