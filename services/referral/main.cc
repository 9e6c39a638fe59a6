// veille-referral: partners, referrals, deliveries and the coordinator's worklist.

#include <iostream>

#include "common/async/executor.h"
#include "common/async/sync_wait.h"
#include "common/config/service_config.h"
#include "common/db/migrator.h"
#include "common/operations/operations.h"
#include "common/status/macros.h"
#include "referral/referral_server.h"

namespace veille::referral {
namespace {

const config::ServiceDescription kDescription = {
    "referral",
    "Hands cases to partners and follows them to their end.",
    "127.0.0.1:7003",
    {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}}};

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
  ReferralServer referral(environment, seal,
                          {.calls_address = config.peers.at("calls-address"),
                           .insecure_loopback = config.insecure_loopback});
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({config.listen, config.drain_timeout}, referral.Services()));
  ASSIGN_OR_RETURN(const auto operations,
                   operations::Operations::Start(
                       config.admin_listen, {"referral", environment, Schema(), server->drain(),
                                             referral.figures(), config.figures_interval}));
  log::Warning("no TLS: callers are believed what they say they are",
               {{"address", log::Text{server->address()}}});
  if (!operations->address().empty()) std::cout << "ADMIN " << operations->address() << "\n";
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  operations->Close();
  referral.Close();
  executor.Close();
  database->Close();
  return absl::OkStatus();
}

}  // namespace
}  // namespace veille::referral

int main(int argc, char** argv) {
  using namespace veille;
  using Command = config::ServiceConfig::Command;
  const auto config = config::ParseOrExit(referral::kDescription, argc, argv);
  log::Start("referral", config.log_level);
  const absl::Status done = config.command == Command::kServe ? referral::Serve(config)
                            : config.command == Command::kMigrate
                                ? db::Migrate(config.database, referral::Schema()).status()
                                : rpc::CheckHealth(config.listen, absl::Seconds(5));
  if (!done.ok()) std::cerr << "veille-referral: " << done.message() << "\n";
  return done.ok() ? 0 : 1;
}
