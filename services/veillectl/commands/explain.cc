#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/campaign.h"

namespace veille::veillectl {
namespace {

void PrintExplanation(const calls::v1::ExplainHouseholdResponse& response, std::ostream& out) {
  out << NameOf(response.bucket()) << ": " << response.explanation() << "\n  state "
      << NameOf(response.state()) << ", " << response.attempts() << " attempts";
  if (response.has_until_time()) out << ", until " << Moment(response.until_time());
  if (!response.volunteer_id().empty()) out << ", by volunteer " << response.volunteer_id();
  if (response.decision_reason() != calls::v1::DECISION_REASON_UNSPECIFIED) {
    out << ", to decide: " << NameOf(response.decision_reason());
  }
  out << "\n";
  if (response.findings().empty()) return;
  Table table({"FOUND", "NEED", "URGENCY", "BY", "SHARED", "REFERRAL", "OUTCOME", "HELP CAME",
               "WAITS FOR"});
  for (const calls::v1::Finding& finding : response.findings()) {
    table.Add({NameOf(finding.kind()), NameOf(finding.need()), NameOf(finding.urgency()),
               finding.rule_id().empty() ? "volunteer" : finding.rule_id(),
               finding.shared() ? "yes" : "no", NameOf(finding.referral_state()),
               NameOf(finding.referral_outcome()), NameOf(finding.verification()),
               NameOf(finding.decision_reason())});
  }
  out << table;
}

absl::Status Explain(Session& session, const std::string& campaign, const std::string& household) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign);
  request.set_household_id(household);
  ASSIGN_OR_RETURN(const calls::v1::ExplainHouseholdResponse response,
                   calls.Call(&calls::v1::CampaignService::Stub::ExplainHousehold, request));
  session.Print(response, [&](std::ostream& out) { PrintExplanation(response, out); });
  return absl::OkStatus();
}

}  // namespace

void DeclareExplain(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "explain", "Tells why a household is or is not called now, and what was found");
  command->footer(
      "\nThe one reason is the first that holds of: campaign-not-running, closed, left-out,\n"
      "objection, leased, awaiting-decision, done, exhausted, no-number-left, appointment,\n"
      "waiting-for-retry, weekly-call-waiting, verification-waiting, outside-call-hours, due.\n"
      "What was found tells by which rule of the script (stated-request: the tenant asked for "
      "it),\n"
      "what became of it, and whether the help came, by the tenant.\n"
      "The look leaves its trace in the audit trail.\n"
      "\nExample:\n"
      "  veillectl explain 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d "
      "01931f61-2b77-7d10-a3e4-5c9d8e7f6a5b\n"
      "\nNext: veillectl decision list CAMPAIGN, when it awaits your decision.");
  const auto ids = std::make_shared<std::pair<std::string, std::string>>();
  AddCampaignArgument(*command, ids->first);
  command->add_option("HOUSEHOLD", ids->second, "id of the household")->required()->check(IsUuid());
  session.On(command, [&session, ids] { return Explain(session, ids->first, ids->second); });
}

}  // namespace veille::veillectl
