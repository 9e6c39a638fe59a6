#include <iostream>
#include <memory>
#include <optional>

#include "common/config/address.h"
#include "common/rpc/server.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/commands/session.h"
#include "veillectl/inbox/case_worker.h"
#include "veillectl/inbox/inbox_service.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kDrainTimeout = absl::Seconds(2);

absl::Status Serve(const Session& session, const std::string& listen, bool accept) {
  if (session.landlord().empty()) return UsageError("which landlord? Give --landlord ID");
  const absl::Status loopback = config::CheckLoopback("--listen", listen);
  if (!loopback.ok()) return UsageError(std::string(loopback.message()));
  rpc::PrepareProcess();
  EventLog log;
  std::optional<Connection> desk;
  std::unique_ptr<CaseWorker> worker;
  InboxService::OnNotice on_notice;
  if (accept) {
    ASSIGN_OR_RETURN(desk, session.Referral("partner"));
    worker = std::make_unique<CaseWorker>(*desk, log);
    on_notice = [&worker](const Notice& notice) { worker->Take(notice); };
  }
  InboxService inbox(session.landlord(), log, on_notice);
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({listen, kDrainTimeout},
                                      {{&inbox, "veille.partner.v1.ReferralInboxService"}}));
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  return absl::OkStatus();
}

}  // namespace

void DeclarePartnerInbox(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("partner-inbox", "Runs a sample partner's machine until Ctrl-C");
  command->footer(
      "\nPrints `SERVING <address>`, then one JSON line per notice received, and with --accept "
      "per\n"
      "case accepted and closed. Register the partner with that address as its endpoint. The "
      "lines\n"
      "carry ids only, never a name.");
  const auto listen = std::make_shared<std::string>("127.0.0.1:0");
  const auto accept = std::make_shared<bool>(false);
  command->add_option("--listen", *listen, "where notices are delivered; port 0: any free one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command->add_flag("--accept", *accept, "also fetch each case, accept it, and close it as helped");
  session.On(command, [&session, listen, accept] { return Serve(session, *listen, *accept); });
}

}  // namespace veille::veillectl
