#include "tenant_registry/tenant_registry_server.h"

namespace veille::tenant_registry {

std::vector<std::string> ServiceNames() { return {RegistryService::kFullName}; }

TenantRegistry::TenantRegistry(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
                               const rpc::Endpoint& calls)
    : environment_(server, seal, calls), figures_(environment_), registry_(environment_) {}

std::vector<rpc::RegisteredService> TenantRegistry::Services() {
  return {{&registry_, RegistryService::kFullName}};
}

}  // namespace veille::tenant_registry
