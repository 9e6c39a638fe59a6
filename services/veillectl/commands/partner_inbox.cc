#include <iostream>
#include <memory>
#include <optional>

#include "common/rpc/server.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/commands/session.h"
#include "veillectl/inbox/case_worker.h"
#include "veillectl/inbox/inbox_service.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kDrainTimeout = absl::Seconds(2);

struct InboxArguments {
  std::string listen = "127.0.0.1:0";
  std::string log;
  bool accept = false;
  bool accept_only = false;
  bool receive_only = false;
  bool silent = false;
  std::string decline;
  std::string outcome = "helped";

  bool works() const { return accept || accept_only || !decline.empty(); }
};

Orders OrdersOf(const InboxArguments& arguments) {
  Orders orders;
  orders.close = arguments.accept;
  orders.outcome = ValueOf<common::v1::ReferralOutcome>(arguments.outcome);
  orders.decline = !arguments.decline.empty();
  if (orders.decline) orders.reason = ValueOf<common::v1::DeclineReason>(arguments.decline);
  return orders;
}

absl::Status Serve(const Session& session, const InboxArguments& arguments) {
  if (session.landlord().empty()) return UsageError("which landlord? Give --landlord ID");
  rpc::PrepareProcess();
  ASSIGN_OR_RETURN(const Session::Listening listening, session.Listen(arguments.listen));
  ASSIGN_OR_RETURN(const auto log, EventLog::Open(arguments.log));
  std::optional<Connection> desk;
  std::unique_ptr<CaseWorker> worker;
  InboxService::OnNotice on_notice;
  if (arguments.works()) {
    ASSIGN_OR_RETURN(desk, session.Referral("partner"));
    worker = std::make_unique<CaseWorker>(*desk, *log, OrdersOf(arguments));
    on_notice = [&worker](const Notice& notice) { worker->Take(notice); };
  }
  InboxService inbox(*listening.authenticator, session.landlord(), *log, on_notice,
                     arguments.silent);
  ASSIGN_OR_RETURN(const auto server,
                   rpc::Server::Start({.listen = arguments.listen,
                                       .drain_timeout = kDrainTimeout,
                                       .credentials = listening.credentials},
                                      {{&inbox, "veille.partner.v1.ReferralInboxService"}}));
  std::cout << "SERVING " << server->address() << std::endl;
  rpc::WaitForStopSignal();
  server->Drain();
  return absl::OkStatus();
}

void DeclareConduct(CLI::App& command, InboxArguments& arguments) {
  CLI::App* conduct = command.add_option_group(
      "What becomes of a case", "one of these; without any the notice is received, no more");
  conduct->require_option(0, 1);
  conduct->add_flag("--accept", arguments.accept, "accept it, start it, and close it (--outcome)");
  conduct->add_flag("--accept-only", arguments.accept_only, "accept it; the rest is yours: desk");
  conduct->add_option("--decline", arguments.decline, "decline it, such as no-capacity")
      ->type_name("REASON")
      ->check(IsOneOf<common::v1::DeclineReason>());
  conduct->add_flag("--receive-only", arguments.receive_only,
                    "receive the notice; the rest is yours: desk");
  conduct->add_flag("--silent", arguments.silent,
                    "never answer, as a machine that hangs: each notice is held until the service "
                    "gives up");
}

}  // namespace

void DeclarePartnerInbox(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("partner-inbox", "Runs a sample partner's machine until Ctrl-C");
  command->footer(R"(
Prints `SERVING <address>`, then one JSON line per event: received (per push), accepted, started,
closed, declined, superseded, held, gave-up (with the reason). The lines carry ids only, never a
name. Register the partner with that address as its endpoint:

  veillectl partner register ccas.json --endpoint 127.0.0.1:7004
  veillectl partner-inbox --listen 127.0.0.1:7004 --partner <id> --accept --log ccas.log

With --log the same lines are appended to a file, which is read again at the start: stopped or
killed and started again with it, the inbox goes on where it was. It never accepts twice, and asks
every few seconds for cases whose notice it missed.)");
  const auto arguments = std::make_shared<InboxArguments>();
  command
      ->add_option("--listen", arguments->listen,
                   "where notices are delivered; port 0: any free one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command->add_option("--log", arguments->log, "append what happens to this file, line by line")
      ->type_name("FILE");
  command->add_option("--outcome", arguments->outcome, "what --accept closes with")
      ->type_name("OUTCOME")
      ->capture_default_str()
      ->check(IsOneOf<common::v1::ReferralOutcome>());
  DeclareConduct(*command, *arguments);
  session.On(command, [&session, arguments] { return Serve(session, *arguments); });
}

}  // namespace veille::veillectl
