// veille-call-tracking: campaigns, volunteers and their calls.

#include <iostream>

#include "call_tracking/call_tracking_server.h"
#include "common/async/sync_wait.h"
#include "common/config/service_config.h"
#include "common/db/migrator.h"
#include "common/operations/operations.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using Command = config::ServiceConfig::Command;
const config::ServiceDescription kDescription = {
    "call-tracking",
    "Runs campaigns: who is called, by whom, and what was said.",
    "127.0.0.1:7002",
    {{"registry-address", "address of tenant-registry", "127.0.0.1:7001"},
     {"referral-address", "address of referral", "127.0.0.1:7003"}},
    {{"lease-duration", "how long a lease lasts", "20m", absl::Seconds(1), absl::Hours(8)}},
    {{"single-calls", "for measuring only: calls that come together share nothing"}}};

CallTrackingOptions OptionsOf(const config::ServiceConfig& config) {
  CallTrackingOptions options{.registry_address = config.peers.at("registry-address"),
                              .referral_address = config.peers.at("referral-address"),
                              .calls = {.lease_length = config.durations.at("lease-duration")}};
  if (config.switches.at("single-calls")) {
    options.calls.calls_per_batch = 1;
    options.calls.batches_in_flight = config.database.lanes;
    options.contact_sheets = {.sheets_per_request = 1, .requests_in_flight = config.max_in_flight};
  }
  return options;
}

absl::Status Serve(const config::ServiceConfig& config) {
  rpc::PrepareProcess();
  ASSIGN_OR_RETURN(const auto database, db::Database::Open(config.database));
  RETURN_IF_ERROR(async::SyncWait(db::CheckSchema(*database, Schema())));
  ASSIGN_OR_RETURN(const auto access, access::AccessTable::Build(ServiceNames()));
  const privacy::IdentitySeal seal;
  const time::SystemClock clock;
  async::Executor executor(2);
  rpc::InFlight in_flight(config.max_in_flight);
  rpc::CallMetrics metrics(ServiceNames());
  const rpc::ServerEnvironment environment{*database, clock, access, executor, in_flight, &metrics};
  CallTracking calls(environment, seal, OptionsOf(config));
  ASSIGN_OR_RETURN(
      const auto server,
      rpc::Server::Start({config.listen, config.drain_timeout, calls.drain()}, calls.Services()));
  ASSIGN_OR_RETURN(
      const auto operations,
      operations::Operations::Start(config.admin_listen,
                                    {"call-tracking", environment, Schema(), server->drain(),
                                     calls.figures(), config.figures_interval}));
  log::Warning("no TLS: callers are believed what they say they are");
  if (!operations->address().empty()) std::cout << "ADMIN " << operations->address() << "\n";
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  operations->Close();
  calls.Close();  // the rest closes by itself, in the reverse order
  return absl::OkStatus();
}

}  // namespace
}  // namespace veille::call_tracking

int main(int argc, char** argv) {
  using namespace veille;
  using namespace veille::call_tracking;
  const auto config = config::ParseOrExit(kDescription, argc, argv);
  log::Start("call-tracking", config.log_level);
  const absl::Status done = config.command == Command::kServe ? Serve(config)
                            : config.command == Command::kMigrate
                                ? db::Migrate(config.database, Schema()).status()
                                : rpc::CheckHealth(config.listen, absl::Seconds(5));
  if (!done.ok()) std::cerr << "veille-call-tracking: " << done.message() << "\n";
  return done.ok() ? 0 : 1;
}
