#include "common/program/program.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/async/sync_wait.h"
#include "common/audit/audit_service.h"
#include "common/audit/audited_figures.h"
#include "common/config/address.h"
#include "common/db/migrator.h"
#include "common/db/roles.h"
#include "common/db/statistics.h"
#include "common/operations/operations.h"
#include "common/program/protection.h"
#include "common/status/macros.h"

namespace veille::program {
namespace {

using Command = config::ServiceConfig::Command;

// How long `health` waits for the answer.
constexpr absl::Duration kHealthTime = absl::Seconds(5);

std::vector<std::string> WithAudit(std::vector<std::string> services) {
  services.emplace_back(audit::AuditService::kFullName);
  return services;
}

// Denied calls and misses go into the audit trail.
class AuditedDenials final : public rpc::DenialListener {
 public:
  AuditedDenials(audit::Denials& denials, const time::Clock& clock)
      : denials_(denials), clock_(clock) {}

  void Denied(const access::Caller& caller, std::string_view method) override {
    Add(caller, method, /*missed=*/false);
  }
  void Missed(const access::Caller& caller, std::string_view method) override {
    Add(caller, method, /*missed=*/true);
  }

 private:
  void Add(const access::Caller& caller, std::string_view method, bool missed) {
    const bool identified = caller.role != common::v1::ROLE_UNSPECIFIED;
    denials_.Add({.landlord = caller.landlord,
                  .actor_role = identified ? std::string(access::NameOf(caller.role)) : "",
                  .actor = caller.subject,
                  .method = std::string(method),
                  .missed = missed},
                 clock_.Now());
  }

  audit::Denials& denials_;
  const time::Clock& clock_;
};

absl::Status Serve(const Program& program, const config::ServiceConfig& config) {
  rpc::PrepareProcess();
  ASSIGN_OR_RETURN(const auto database, db::Database::Open(config.database));
  RETURN_IF_ERROR(async::SyncWait(db::CheckOwnRole(*database)));
  RETURN_IF_ERROR(async::SyncWait(db::CheckSchema(*database, program.schema)));
  db::Statistics statistics(*database);
  const std::vector<std::string> services = WithAudit(program.services);
  ASSIGN_OR_RETURN(const auto access, access::AccessTable::Build(services));
  const privacy::IdentitySeal seal;
  const time::SystemClock clock;
  const time::SteadyClock steady_clock;
  limits::Limits limits(config.limits.ToOptions(), steady_clock);
  ASSIGN_OR_RETURN(const Protection protection, Protect(config.security, limits.tokens));
  async::Executor executor(2);
  rpc::InFlight in_flight(config.max_in_flight);
  rpc::CallMetrics metrics(services);
  audit::Denials denials;
  AuditedDenials listener(denials, clock);
  const rpc::ServerEnvironment environment{
      *database, clock,     access, *protection.authenticator, executor, in_flight,
      &metrics,  &listener, &limits};
  ASSIGN_OR_RETURN(const std::unique_ptr<Parts> parts,
                   program.build({config, environment, seal, protection.channel_credentials}));
  audit::Trail trail(environment,
                     {.service = program.description.name,
                      .keys = protection.audit_keys.get(),
                      .keep = config.durations.at("audit-retention")},
                     denials);
  audit::AuditedFigures figures(parts->figures(), trail.chainer());
  std::vector<rpc::RegisteredService> registered = parts->Services();
  registered.push_back(trail.service());
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({config.listen, config.drain_timeout, parts->drain(),
                                       protection.server_credentials},
                                      registered));
  ASSIGN_OR_RETURN(const auto operations,
                   operations::Operations::Start(
                       config.admin_listen, {program.description.name, environment, program.schema,
                                             server->drain(), figures, config.figures_interval}));
  if (!operations->address().empty()) std::cout << "ADMIN " << operations->address() << "\n";
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  operations->Close();
  parts->Close();
  trail.Stop();
  statistics.Stop();
  executor.Close();
  database->Close();
  return absl::OkStatus();
}

absl::Status CheckHealth(const config::ServiceConfig& config) {
  ASSIGN_OR_RETURN(const auto credentials, AnonymousCredentials(config.security));
  return rpc::CheckHealth({config::ReachableHere(config.listen), credentials}, kHealthTime);
}

absl::Status Do(const Program& program, const config::ServiceConfig& config) {
  switch (config.command) {
    case Command::kServe:
      return Serve(program, config);
    case Command::kMigrate:
      return db::Migrate(config.database, program.schema, config.service_role).status();
    case Command::kHealth:
      return CheckHealth(config);
  }
  return absl::InternalError("no such command");
}

}  // namespace

int Run(const Program& program, int argc, char** argv) {
  const auto config = config::ParseOrExit(program.description, argc, argv);
  log::Start(program.description.name, config.log_level);
  const absl::Status done = Do(program, config);
  if (!done.ok()) {
    std::cerr << "veille-" << program.description.name << ": " << done.message() << "\n";
  }
  return done.ok() ? 0 : 1;
}

}  // namespace veille::program
