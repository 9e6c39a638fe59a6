// veille-tenant-registry: landlords, dwellings, households, phones and objections.

#include <iostream>

#include "common/async/sync_wait.h"
#include "common/config/service_config.h"
#include "common/db/migrator.h"
#include "common/operations/operations.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/server.h"
#include "common/status/macros.h"
#include "tenant_registry/figures.h"
#include "tenant_registry/registry_service.h"
#include "tenant_registry/schema.h"

namespace veille::tenant_registry {

const config::ServiceDescription kDescription = {
    "tenant-registry",
    "Keeps landlords' registers: who lives where, and how to reach them.",
    "127.0.0.1:7001",
    {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}}};

static absl::Status Serve(const config::ServiceConfig& config) {
  rpc::PrepareProcess();
  ASSIGN_OR_RETURN(const auto database, db::Database::Open(config.database));
  RETURN_IF_ERROR(async::SyncWait(db::CheckSchema(*database, Schema())));
  ASSIGN_OR_RETURN(const auto access, access::AccessTable::Build({RegistryService::kFullName}));
  const privacy::IdentitySeal seal;
  const time::SystemClock clock;
  async::Executor executor(2);
  rpc::InFlight in_flight(config.max_in_flight);
  rpc::CallMetrics metrics({RegistryService::kFullName});
  Environment environment({*database, clock, access, executor, in_flight, &metrics}, seal,
                          config.peers.at("calls-address"));
  RegistryFigures figures(environment);
  RegistryService registry(environment);
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({config.listen, config.drain_timeout},
                                      {{&registry, RegistryService::kFullName}}));
  ASSIGN_OR_RETURN(const auto operations,
                   operations::Operations::Start(
                       config.admin_listen, {"tenant-registry", environment.server, Schema(),
                                             server->drain(), figures, config.figures_interval}));
  log::Warning("no TLS: callers are believed what they say they are");
  if (!operations->address().empty()) std::cout << "ADMIN " << operations->address() << "\n";
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  operations->Close();
  environment.Close();
  executor.Close();
  database->Close();
  return absl::OkStatus();
}
}  // namespace veille::tenant_registry

int main(int argc, char** argv) {
  using namespace veille;
  using namespace veille::tenant_registry;
  using Command = config::ServiceConfig::Command;
  const auto config = config::ParseOrExit(kDescription, argc, argv);
  log::Start("tenant-registry", config.log_level);
  const absl::Status done = config.command == Command::kServe ? Serve(config)
                            : config.command == Command::kMigrate
                                ? db::Migrate(config.database, Schema()).status()
                                : rpc::CheckHealth(config.listen, absl::Seconds(5));
  if (!done.ok()) std::cerr << "veille-tenant-registry: " << done.message() << "\n";
  return done.ok() ? 0 : 1;
}
