#pragma once

// What a handler of the registry knows about the call it answers.

#include <string_view>
#include <utility>

#include "common/privacy/audit_trail.h"
#include "common/rpc/call_context.h"
#include "tenant_registry/environment.h"
#include "tenant_registry/store/audit_store.h"

namespace veille::tenant_registry {

class RequestContext : public rpc::CallContext {
 public:
  RequestContext(Environment& environment, rpc::CallContext call)
      : rpc::CallContext(std::move(call)), environment_(environment) {}

  const privacy::Seal& seal() const { return environment_.seal; }
  ContactSheetBatch& contact_sheets() const { return environment_.contact_sheets; }

  // For what must be done although the caller has gone.
  db::Database& database() const { return environment_.server.database; }
  // A hint that something is on its way to call-tracking.
  void WakeRelay() const { environment_.relay.Wake(); }

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
  // The trace of this call's look at households.
  Reading LookAt(std::string_view purpose) const {
    return {landlord(), access::NameOf(caller().role), caller().subject, method(), purpose};
  }

 private:
  Environment& environment_;
};

}  // namespace veille::tenant_registry
