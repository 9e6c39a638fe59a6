#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/session.h"
#include "veillectl/simulation/call_progress.h"
#include "veillectl/simulation/check.h"
#include "veillectl/simulation/crew.h"
#include "veillectl/simulation/insist.h"

namespace veille::veillectl {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kDefaultSeed = 2171;
constexpr double kDefaultAnswerRate = 0.87;
constexpr size_t kMostDifferencesTold = 40;

struct SimulateArguments {
  std::string campaign;
  std::string ledger;
  uint64_t seed = kDefaultSeed;
  double answer_rate = kDefaultAnswerRate;
  int volunteers = 35;
  std::string limit = "10m";
};

struct CheckArguments {
  std::string campaign;
  std::string ledger;
  std::vector<std::string> partner_logs;
  std::string patience = "40s";
};

absl::StatusOr<absl::Duration> ReadDuration(const std::string& option, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration > absl::ZeroDuration()) return duration;
  return UsageError(option + " takes a duration such as 40s or 10m");
}

// The campaign with its script.
absl::StatusOr<std::pair<calls::v1::Campaign, calls::v1::Script>> ReadCampaign(
    const Connection& calls, const std::string& campaign_id, absl::Time until) {
  calls::v1::GetCampaignRequest request;
  request.set_campaign_id(campaign_id);
  ASSIGN_OR_RETURN(calls::v1::GetCampaignResponse campaign,
                   Insist(calls, &calls::v1::CampaignService::Stub::GetCampaign, request, until));
  calls::v1::GetScriptRequest script_request;
  script_request.set_script_id(campaign.campaign().script_id());
  script_request.set_version(campaign.campaign().script_version());
  ASSIGN_OR_RETURN(
      calls::v1::GetScriptResponse script,
      Insist(calls, &calls::v1::ScriptService::Stub::GetScript, script_request, until));
  return std::pair(std::move(*campaign.mutable_campaign()), std::move(*script.mutable_script()));
}

void PrintSimulateCounts(const Session& session, const SimulationCounts& counts) {
  if (!session.json()) {
    std::cout << Grouped(counts.calls) << " calls recorded, " << Grouped(counts.reached)
              << " households reached, " << counts.flagged << " of them in need\n";
    return;
  }
  std::cout << Json{{"households", counts.households},
                    {"calls", counts.calls},
                    {"reached", counts.reached},
                    {"flagged", counts.flagged},
                    {"calls_per_second", std::round(counts.CallsPerSecond() * 10) / 10}}
                   .dump(2)
            << "\n";
}

absl::Status Simulate(Session& session, const SimulateArguments& arguments) {
  ASSIGN_OR_RETURN(const absl::Duration limit, ReadDuration("--limit", arguments.limit));
  const absl::Time until = absl::Now() + limit;
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(const Connection coordinator, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(auto read, ReadCampaign(coordinator, arguments.campaign, until));
  ASSIGN_OR_RETURN(const std::vector<Callee> callees,
                   ReadCallees(registry, read.first.cohort_rule(), until));
  Conversations conversations(std::move(read.second));
  const Ledger ledger = ForeseeAll(callees,
                                   {.seed = arguments.seed,
                                    .answer_rate = arguments.answer_rate,
                                    .retry_rules = read.first.retry_rules()},
                                   conversations);
  RETURN_IF_ERROR(StoreLedger(ledger, arguments.ledger));

  std::vector<std::string> subjects;
  std::vector<Connection> volunteers;
  for (int i = 1; i <= arguments.volunteers; ++i) {
    subjects.push_back(absl::StrFormat("volunteer-%02d", i));
    ASSIGN_OR_RETURN(Connection calls, session.CallsAs("volunteer", subjects.back()));
    volunteers.push_back(std::move(calls));
  }
  const CrewParts parts{.coordinator = coordinator,
                        .volunteers = volunteers,
                        .subjects = subjects,
                        .campaign_id = arguments.campaign,
                        .until = until};
  RETURN_IF_ERROR(EnrolCrew(parts));
  Board board(callees, ledger);
  absl::Status played;
  {
    const CallProgress progress(coordinator, arguments.campaign, board);
    played = RunCrew(parts, board);
  }
  if (played.ok()) PrintSimulateCounts(session, board.counts());
  return played;
}

Json AsJson(const CheckResult& result) {
  const calls::v1::CampaignReport& report = result.report;
  return Json{{"households_selected", report.selected()},
              {"left_out",
               {{"under_age", report.left_out().under_age()},
                {"objection", report.left_out().objection()},
                {"no_valid_phone", report.left_out().no_valid_phone()}}},
              {"households_reached", report.reached()},
              {"households_not_reached", report.not_reached()},
              {"calls", report.attempts()},
              {"needs_found", report.needs_found()},
              {"needs_agreed", result.needs_agreed},
              {"needs_not_covered", result.needs_agreed - result.needs_covered},
              {"referrals_created", result.referrals_created},
              {"referrals_received", result.referrals_received},
              {"referrals_accepted", result.referrals_accepted},
              {"needs_decision", report.needs_decision()},
              {"weekly_calls", report.weekly_calls()},
              {"differences", result.differences}};
}

void PrintResult(const CheckResult& result) {
  if (result.differences.empty()) {
    std::cout << "The ledger, the services and the partners' logs agree, case by case:\n  "
              << result.needs_covered << " agreed needs, each accepted by a partner once\n  "
              << result.report.needs_decision()
              << " households that wait for a coordinator's decision\n  "
              << result.report.weekly_calls() << " households that are called every week\n";
    return;
  }
  std::cout << "The ledger and the services do not agree:\n";
  for (size_t i = 0; i < std::min(result.differences.size(), kMostDifferencesTold); ++i) {
    std::cout << "  " << result.differences[i] << "\n";
  }
  if (result.differences.size() > kMostDifferencesTold) {
    std::cout << "  … and " << result.differences.size() - kMostDifferencesTold << " more\n";
  }
}

absl::Status Check(Session& session, const CheckArguments& arguments) {
  ASSIGN_OR_RETURN(const absl::Duration patience, ReadDuration("--patience", arguments.patience));
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(arguments.ledger));
  ASSIGN_OR_RETURN(const Ledger ledger, ReadLedger(text));
  ASSIGN_OR_RETURN(const CheckResult result,
                   CheckSimulation({.registry = registry,
                                    .calls = calls,
                                    .referral = referral,
                                    .campaign_id = arguments.campaign,
                                    .partner_logs = arguments.partner_logs,
                                    .patience = patience},
                                   ledger));
  if (session.json()) {
    std::cout << AsJson(result).dump(2) << "\n";
  } else {
    PrintResult(result);
  }
  if (result.differences.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(result.differences.size(), " differences between the ledger and the services"));
}

void DeclareCheck(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "simulate-check", "Checks that a simulated campaign ended as its ledger foresees");
  command->footer(
      "\nCompares ledger, report, households, referrals and the partners' own logs, by id: every\n"
      "agreed need accepted by a partner exactly once, every other one waiting for a decision.\n"
      "Waits for the partners as long as something moves. What does not agree is told with where\n"
      "it waits, and the exit code is 1.");
  const auto arguments = std::make_shared<CheckArguments>();
  command->add_option("CAMPAIGN", arguments->campaign, "id of the campaign")
      ->required()
      ->check(IsUuid());
  command->add_option("--ledger", arguments->ledger, "what simulate wrote")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--partner-log", arguments->partner_logs,
                   "what partner-inbox --log wrote; one for each partner")
      ->type_name("FILE");
  command
      ->add_option("--patience", arguments->patience,
                   "how long to wait when nothing moves any more")
      ->type_name("DURATION")
      ->capture_default_str();
  session.On(command, [&session, arguments] { return Check(session, *arguments); });
}

}  // namespace

void DeclareSimulate(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("simulate", "Plays a campaign: volunteers who call and record");
  command->footer(
      "\nFor trying things out: nobody is called. First it writes to the ledger what every tenant\n"
      "will say, which depends on the seed and the register alone; then the volunteers lease,\n"
      "listen and record through the services, until nobody is left to call this week. A run that\n"
      "was cut short is continued by the same command. simulate-check compares the outcome.");
  const auto arguments = std::make_shared<SimulateArguments>();
  command->add_option("CAMPAIGN", arguments->campaign, "id of a running campaign")
      ->required()
      ->check(IsUuid());
  command
      ->add_option("--ledger", arguments->ledger,
                   "what everybody is going to say; written before the first call")
      ->type_name("FILE")
      ->required();
  command->add_option("--volunteers", arguments->volunteers, "how many call at the same time")
      ->type_name("NUMBER")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "another seed, other conversations")
      ->type_name("NUMBER")
      ->capture_default_str();
  command
      ->add_option("--answer-rate", arguments->answer_rate,
                   "how probable it is that somebody picks up, 0 to 1")
      ->type_name("RATE")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--limit", arguments->limit, "when to give up")
      ->type_name("DURATION")
      ->capture_default_str();
  session.On(command, [&session, arguments] { return Simulate(session, *arguments); });
  DeclareCheck(app, session);
}

}  // namespace veille::veillectl
