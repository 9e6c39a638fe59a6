// veillectl: the programme from the command line.

#include <grpc/support/log.h>

#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/config/version.h"
#include "common/telemetry/log.h"
#include "veillectl/client/failure.h"
#include "veillectl/commands/session.h"

namespace {

using veille::veillectl::Session;

constexpr char kFooter[] = R"(
From a register to a partner's acceptance:

  veillectl landlord create --name "Toit Commun"     then: export VEILLE_LANDLORD=<the id>
  veillectl import register.csv                      the tenants
  veillectl cohort preview                           how many of them a campaign would call
  veillectl script publish script.json               what volunteers ask, and what answers mean
  veillectl partner register ccas.json               who can help
  veillectl volunteer enrol volunteers.csv           who calls
  veillectl campaign create campaign.json            or by options: campaign create --help
  veillectl campaign open <campaign>                 draws the cohort; from now on households are due
  veillectl campaign left-out <campaign>             whom nobody will call, and why
  veillectl call lease <campaign> --subject me       whom to call now
  veillectl call record call.json --subject me       what was said
  veillectl campaign watch <campaign>                how far it is
  veillectl referral list                            what became of the cases
  veillectl decision list <campaign>                 households that wait for a decision
  veillectl worklist list                            referrals that do
  veillectl household find                           who it is on the line
  veillectl explain <campaign> <household>           why somebody is, or is not, called now
  veillectl audit who-saw <household>                who has looked at it, and why
  veillectl audit outside                            who looked outside their own work, and why

Each command has its own --help. Options may stand anywhere; most can be set in the environment.
Names, phone numbers and what tenants say are read from files or standard input (-), never from the
command line; --reason, which stands in the audit trail, names a case or a task.

Exit codes: 0 done; 1 the service refused, and says why; 2 wrong use; 3 no answer: repeat the command
with the --request-id that is printed.)";

}  // namespace

int main(int argc, char** argv) {
  veille::log::Start("veillectl", veille::log::Level::kWarning);
  // What a person needs is in the status of the call.
  gpr_set_log_function([](gpr_log_func_args*) {});
  CLI::App app("Runs a welfare-call programme from the command line.", "veillectl");
  app.set_version_flag("--version", "veillectl " + std::string(veille::config::kVersion));
  app.require_subcommand(1);
  Session session;
  session.DeclareOptions(app);
  veille::veillectl::DeclareCommands(app, session);
  app.footer(kFooter);  // after the commands, which would inherit it
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> rest = app.remaining(true);
    std::cerr << "veillectl: "
              << (rest.empty() ? error.what() : "'" + rest.front() + "' is not understood here")
              << " (see --help)\n";
    return veille::veillectl::kUsage;
  }
  return session.Run();
}
