#pragma once

// What the handlers of the audit service work with.

#include "common/audit/chain.h"
#include "common/audit/chainer.h"
#include "common/rpc/service_context.h"

namespace veille::audit {

class AuditContext;

struct AuditEnvironment {
  using Context = AuditContext;

  rpc::ServerEnvironment server;
  const ChainerOptions& options;
};

class AuditContext : public rpc::ServiceContext<AuditEnvironment> {
 public:
  using ServiceContext::ServiceContext;

  // The caller's landlord's, in this service.
  Chain chain() const { return {environment().options.service, landlord()}; }
  const Keys* keys() const { return environment().options.keys; }
  absl::Duration keep() const { return environment().options.keep; }
};

}  // namespace veille::audit
