#pragma once

// What a handler of call-tracking knows about the call it answers.

#include "call_tracking/environment.h"
#include "common/rpc/service_context.h"

namespace veille::call_tracking {

class RequestContext : public rpc::ServiceContext<Environment> {
 public:
  using ServiceContext::ServiceContext;

  RegistryClient& registry() const { return environment().registry; }
  ContactSheets& contact_sheets() const { return environment().contact_sheets; }
  PinnedCampaigns& campaigns() const { return environment().campaigns; }
  Calls& calls() const { return environment().calls; }

  async::Timers& timers() const { return environment().timers; }
  // For streams without end: the server wants to go down.
  const std::stop_token& drain() const { return environment().drain; }

  // After the commit: the relay looks at once instead of with its next poll.
  void WakeRelay() const { environment().wake_relay(); }
};

}  // namespace veille::call_tracking
