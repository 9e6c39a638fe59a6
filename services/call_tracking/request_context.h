#pragma once

// What a handler of call-tracking knows about the call it answers.

#include <string_view>
#include <utility>

#include "call_tracking/environment.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/call_context.h"

namespace veille::call_tracking {

class RequestContext : public rpc::CallContext {
 public:
  RequestContext(Environment& environment, rpc::CallContext call)
      : rpc::CallContext(std::move(call)), environment_(environment) {}

  const privacy::Seal& seal() const { return environment_.seal; }
  RegistryClient& registry() const { return environment_.registry; }
  ContactSheets& contact_sheets() const { return environment_.contact_sheets; }
  PinnedCampaigns& campaigns() const { return environment_.campaigns; }
  Calls& calls() const { return environment_.calls; }

  // After the commit: the relay looks at once instead of with its next poll.
  void WakeRelay() const { environment_.wake_relay(); }

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

}  // namespace veille::call_tracking
