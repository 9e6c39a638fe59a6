#pragma once

// What a handler of the referral service knows about the call it answers.

#include <string_view>
#include <utility>

#include "common/privacy/audit_trail.h"
#include "common/rpc/call_context.h"
#include "referral/environment.h"

namespace veille::referral {

class RequestContext : public rpc::CallContext {
 public:
  RequestContext(Environment& environment, rpc::CallContext call)
      : rpc::CallContext(std::move(call)), environment_(environment) {}

  const privacy::Seal& seal() const { return environment_.seal; }
  const EndpointPolicy& endpoints() const { return environment_.endpoints; }
  ids::PartnerId partner() const { return caller().partner; }

  // After the commit: the engine and the relay look at once instead of with their next poll.
  void WakeLoops() const {
    environment_.wake_engine();
    environment_.wake_relay();
  }

  // The trace of this call on one object.
  privacy::AuditEvent Audit(std::string_view object_kind, const ids::Uuid& object,
                            std::string_view purpose) const {
    return {.landlord = landlord(),
            .actor_role = access::NameOf(caller().role),
            .actor = caller().subject,
            .method = method(),
            .object_kind = object_kind,
            .object = object,
            .purpose = purpose};
  }

 private:
  Environment& environment_;
};

}  // namespace veille::referral
