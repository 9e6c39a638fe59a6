#pragma once

// What the handlers of call-tracking work with. Made by main (or a test), in which the parts live
// longer than the server.

#include <functional>
#include <stop_token>

#include "call_tracking/batches/calls.h"
#include "call_tracking/batches/pinned_campaigns.h"
#include "call_tracking/clients/contact_sheets.h"
#include "call_tracking/clients/registry_client.h"
#include "common/async/timers.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"

namespace veille::call_tracking {

class RequestContext;

struct Environment {
  using Context = RequestContext;

  rpc::ServerEnvironment server;
  const privacy::Seal& seal;
  RegistryClient& registry;
  ContactSheets& contact_sheets;
  PinnedCampaigns& campaigns;
  Calls& calls;
  async::Timers& timers;
  std::stop_token drain;  // stopped when the server drains
  // A hint that there is something to tell another service. Safe from any thread.
  std::function<void()> wake_relay;
};

}  // namespace veille::call_tracking
