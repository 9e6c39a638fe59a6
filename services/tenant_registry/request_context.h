#pragma once

// What a handler of the registry knows about the call it answers.

#include <string_view>

#include "common/rpc/service_context.h"
#include "tenant_registry/environment.h"
#include "tenant_registry/store/audit_store.h"

namespace veille::tenant_registry {

class RequestContext : public rpc::ServiceContext<Environment> {
 public:
  using ServiceContext::ServiceContext;

  ContactSheetBatch& contact_sheets() const { return environment().contact_sheets; }
  ImportMetrics& import_metrics() const { return environment().imports; }

  // For what must be done although the caller has gone.
  db::Database& database() const { return environment().server.database; }
  // A hint that something is on its way to call-tracking.
  void WakeRelay() const { environment().relay.Wake(); }

  // The trace of this call's look at households.
  Reading LookAt(std::string_view purpose) const {
    return {landlord(), access::NameOf(caller().role), caller().subject, method(), purpose,
            reason()};
  }
};

}  // namespace veille::tenant_registry
