#pragma once

// What the binary of the registry serves, and out of which parts.

#include <string>
#include <vector>

#include "common/program/program.h"
#include "tenant_registry/environment.h"
#include "tenant_registry/figures.h"
#include "tenant_registry/registry_service.h"

namespace veille::tenant_registry {

// Full names, for the access table.
std::vector<std::string> ServiceNames();

// What `server` refers to and the seal outlive it; it outlives the gRPC server.
class TenantRegistry final : public program::Parts {
 public:
  TenantRegistry(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
                 const rpc::Endpoint& calls);

  std::vector<rpc::RegisteredService> Services() override;
  operations::Figures& figures() override { return figures_; }
  void Close() override { environment_.Close(); }

 private:
  Environment environment_;
  RegistryFigures figures_;
  RegistryService registry_;
};

}  // namespace veille::tenant_registry
