#pragma once

// What the handlers of the registry work with. Made by main (or a test); outlives the server, and
// is outlived by the database.

#include <string>

#include "common/outbox/relay.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"
#include "tenant_registry/batches/contact_sheet_batch.h"
#include "tenant_registry/relay/household_change_sender.h"

namespace veille::tenant_registry {

class RequestContext;

struct Environment {
  using Context = RequestContext;

  // Starts the relay to call-tracking at `calls_address`.
  Environment(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
              const std::string& calls_address, outbox::RelayOptions relay_options = {});
  ~Environment() { Close(); }

  // Stops the relay and ends what waits in batches; after the server is drained. Idempotent.
  void Close();

  const rpc::ServerEnvironment server;
  const privacy::Seal& seal;
  ContactSheetBatch contact_sheets;
  const HouseholdChangeSender sender;
  outbox::Relay relay;
};

}  // namespace veille::tenant_registry
