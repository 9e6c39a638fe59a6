// veille-tenant-registry: landlords, dwellings, households, phones and objections.

#include "tenant_registry/schema.h"
#include "tenant_registry/tenant_registry_server.h"

namespace veille::tenant_registry {
namespace {

const config::ServiceDescription kDescription = {
    "tenant-registry",
    "Keeps landlords' registers: who lives where, and how to reach them.",
    "127.0.0.1:7001",
    {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}}};

absl::StatusOr<std::unique_ptr<program::Parts>> Build(const program::Surroundings& surroundings) {
  return std::make_unique<TenantRegistry>(surroundings.server, surroundings.seal,
                                          surroundings.PeerOf("calls-address"));
}

}  // namespace
}  // namespace veille::tenant_registry

int main(int argc, char** argv) {
  using namespace veille::tenant_registry;
  return veille::program::Run({kDescription, ServiceNames(), Schema(), Build}, argc, argv);
}
