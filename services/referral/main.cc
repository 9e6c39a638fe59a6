// veille-referral: partners, referrals, deliveries and the coordinator's worklist.

#include <iostream>

#include "common/async/executor.h"
#include "common/async/sync_wait.h"
#include "common/config/service_config.h"
#include "common/db/migrator.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/server.h"
#include "common/status/macros.h"
#include "referral/delivery/engine.h"
#include "referral/referral_server.h"
#include "referral/relay/referral_updates.h"
#include "referral/store/update_outbox.h"

namespace veille::referral {
namespace {

const config::ServiceDescription kDescription = {
    "referral",
    "Hands cases to partners and follows them to their end.",
    "127.0.0.1:7003",
    {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}}};

absl::Status Serve(const config::ServiceConfig& config) {
  rpc::BlockStopSignals();
  ASSIGN_OR_RETURN(const auto database, db::Database::Open(config.database));
  RETURN_IF_ERROR(async::SyncWait(db::CheckSchema(*database, Schema())));
  ASSIGN_OR_RETURN(const auto access, access::AccessTable::Build(ServiceNames()));
  const privacy::IdentitySeal seal;
  const time::SystemClock clock;
  async::Executor executor(2);
  rpc::InFlight in_flight(config.max_in_flight);
  CallsClient calls(config.peers.at("calls-address"));
  GrpcChannel channel;
  outbox::Relay relay(*database, {{kUpdateTopic, UpdateSender(seal, calls)}});
  Engine engine(*database, seal, clock, channel);
  Environment environment{.server = {*database, clock, access, executor, in_flight},
                          .seal = seal,
                          .endpoints = {config.insecure_loopback},
                          .wake_engine = [&engine] { engine.Wake(); },
                          .wake_relay = [&relay] { relay.Wake(); }};
  Services services(environment);
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({config.listen, config.drain_timeout}, services.All()));
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  engine.Stop();
  relay.Stop();
  executor.Close();
  database->Close();
  return absl::OkStatus();
}

}  // namespace
}  // namespace veille::referral

int main(int argc, char** argv) {
  using namespace veille;
  const config::ServiceConfig config = config::ParseOrExit(referral::kDescription, argc, argv);
  log::Start("referral", config.log_level);
  absl::Status done;
  if (config.command == config::ServiceConfig::Command::kServe) done = referral::Serve(config);
  if (config.command == config::ServiceConfig::Command::kMigrate) {
    done = db::Migrate(config.database, referral::Schema()).status();
  }
  if (config.command == config::ServiceConfig::Command::kHealth) {
    done = rpc::CheckHealth(config.listen, absl::Seconds(5));
  }
  if (!done.ok()) std::cerr << "veille-referral: " << done.message() << "\n";
  return done.ok() ? 0 : 1;
}
