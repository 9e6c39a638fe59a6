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

  // After the commit: the engine and the relay look at once instead of with their next poll.
  void WakeLoops() const {
    environment().wake_engine();
    environment().wake_relay();
  }
};

}  // namespace veille::referral
