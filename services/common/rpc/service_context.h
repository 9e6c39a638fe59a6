#pragma once

// What the handlers of every service know beside the call: how values are sealed, and what trace
// the call leaves. A service adds its own parts:
//
//   class RequestContext : public rpc::ServiceContext<Environment> {
//    public:
//     using ServiceContext::ServiceContext;
//     Calls& calls() const { return environment().calls; }
//   };

#include <string_view>
#include <utility>

#include "common/privacy/audit_trail.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"

namespace veille::rpc {

template <typename Environment>
class ServiceContext : public CallContext {
 public:
  ServiceContext(Environment& environment, CallContext call)
      : CallContext(std::move(call)), environment_(environment) {}

  const privacy::Seal& seal() const { return environment_.seal; }

  // The trace of this call on one object.
  privacy::AuditEvent Audit(std::string_view object_kind, const ids::Uuid& object,
                            std::string_view purpose) const {
    return {.landlord = landlord(),
            .actor_role = access::NameOf(caller().role),
            .actor = caller().subject,
            .method = method(),
            .object_kind = object_kind,
            .object = object,
            .purpose = purpose,
            .reason = reason()};
  }

 protected:
  Environment& environment() const { return environment_; }

 private:
  Environment& environment_;
};

}  // namespace veille::rpc
