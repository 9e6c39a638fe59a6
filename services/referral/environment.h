#pragma once

// What the handlers of the referral service work with. Made by main (or a test), in which the parts
// live longer than the server.

#include <functional>
#include <stop_token>

#include "common/async/timers.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"
#include "common/web/caller.h"
#include "referral/changes/change_feed.h"
#include "referral/convert/partner.h"

namespace veille::referral {

class RequestContext;

struct Environment {
  using Context = RequestContext;

  rpc::ServerEnvironment server;
  const privacy::Seal& seal;
  EndpointPolicy endpoints;
  web::Caller& web;  // vets the addresses of webhooks
  ChangeFeed& changes;
  async::Timers& timers;
  std::stop_token drain;  // stopped when the server drains
  // Hints that there is something to push, or to tell call-tracking. Safe from any thread.
  std::function<void()> wake_engine;
  std::function<void()> wake_relay;
};

}  // namespace veille::referral
