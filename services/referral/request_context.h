#pragma once

// What a handler of the referral service knows about the call it answers.

#include "common/rpc/service_context.h"
#include "referral/environment.h"

namespace veille::referral {

class RequestContext : public rpc::ServiceContext<Environment> {
 public:
  using ServiceContext::ServiceContext;

  const EndpointPolicy& endpoints() const { return environment().endpoints; }
  web::Caller& web() const { return environment().web; }
  ids::PartnerId partner() const { return caller().partner; }

  ChangeFeed& changes() const { return environment().changes; }
  async::Timers& timers() const { return environment().timers; }
  // For streams without end: the server wants to go down.
  const std::stop_token& drain() const { return environment().drain; }

  // After the commit: the engine, the relay and who watches look at once instead of with their next
  // poll.
  void WakeLoops() const {
    changes().Wake();
    environment().wake_engine();
    environment().wake_relay();
  }
};

}  // namespace veille::referral
