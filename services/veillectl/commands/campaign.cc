#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;
using Campaigns = pb::CampaignService::Stub;

constexpr absl::Duration kEightWeeks = absl::Hours(8 * 7 * 24);

struct CreateArguments {
  std::string file;
  std::string script;
  std::string start;
  std::string end;
};

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  return timestamp;
}

void PrintCampaign(const pb::Campaign& campaign, std::ostream& out) {
  out << "Campaign " << campaign.title() << ": " << campaign.campaign_id() << "\n  state     "
      << NameOf(campaign.state()) << "\n  period    " << Moment(campaign.start_time()) << " to "
      << Moment(campaign.end_time()) << "\n  script    " << campaign.script_id() << " version "
      << campaign.script_version() << "\n";
  if (!campaign.has_left_out()) return;
  const pb::LeftOutCounts& left_out = campaign.left_out();
  out << "  selected  " << campaign.selected() << " households\n  left out  "
      << left_out.under_age() << " under age, " << left_out.objection() << " objection, "
      << left_out.no_valid_phone() << " no valid phone\n";
}

// What the file leaves open: the script, and a period of eight weeks from now.
absl::Status Complete(const CreateArguments& arguments, pb::Campaign* campaign) {
  if (!arguments.script.empty()) campaign->set_script_id(arguments.script);
  if (!arguments.start.empty()) {
    ASSIGN_OR_RETURN(*campaign->mutable_start_time(), ParseMoment(arguments.start));
  }
  if (!arguments.end.empty()) {
    ASSIGN_OR_RETURN(*campaign->mutable_end_time(), ParseMoment(arguments.end));
  }
  if (!campaign->has_start_time()) *campaign->mutable_start_time() = TimestampOf(absl::Now());
  if (!campaign->has_end_time()) {
    *campaign->mutable_end_time() =
        TimestampOf(absl::FromUnixSeconds(campaign->start_time().seconds()) + kEightWeeks);
  }
  return absl::OkStatus();
}

absl::Status Create(Session& session, const CreateArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::CreateCampaignRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_campaign()));
  RETURN_IF_ERROR(Complete(arguments, request.mutable_campaign()));
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const pb::CreateCampaignResponse response,
                   calls.Call(&Campaigns::CreateCampaign, request));
  session.Print(response, [&](std::ostream& out) { PrintCampaign(response.campaign(), out); });
  return absl::OkStatus();
}

absl::Status Open(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::OpenCampaignRequest request;
  request.set_request_id(session.RequestId());
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const pb::OpenCampaignResponse response,
                   calls.Call(&Campaigns::OpenCampaign, request));
  session.Print(response, [&](std::ostream& out) { PrintCampaign(response.campaign(), out); });
  return absl::OkStatus();
}

absl::Status Get(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::GetCampaignRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const pb::GetCampaignResponse response,
                   calls.Call(&Campaigns::GetCampaign, request));
  session.Print(response, [&](std::ostream& out) { PrintCampaign(response.campaign(), out); });
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(const pb::ListCampaignsResponse response,
                   calls.CallAllPages(&Campaigns::ListCampaigns, pb::ListCampaignsRequest()));
  session.Print(response, [&](std::ostream& out) {
    Table table({"CAMPAIGN", "STATE", "FROM", "TO", "TITLE"});
    for (const pb::Campaign& campaign : response.campaigns()) {
      table.Add({campaign.campaign_id(), NameOf(campaign.state()), Moment(campaign.start_time()),
                 Moment(campaign.end_time()), campaign.title()});
    }
    out << table;
  });
  return absl::OkStatus();
}

void PrintReport(const pb::CampaignReport& report, std::ostream& out) {
  Table table({"HOUSEHOLDS", ""});
  const auto add = [&table](const std::string& what, int64_t count) {
    table.Add({what, absl::StrCat(count)});
  };
  add("selected", report.selected());
  add("left out: under age", report.left_out().under_age());
  add("left out: objection", report.left_out().objection());
  add("left out: no valid phone", report.left_out().no_valid_phone());
  add("reached", report.reached());
  add("completed", report.completed());
  add("refused", report.refused());
  add("not reached", report.not_reached());
  add("not called yet", report.not_called());
  add("need a decision", report.needs_decision());
  add("called every week", report.weekly_calls());
  table.Add({"CALLS", ""});
  add("stored", report.attempts());
  for (const auto& count : report.dispositions()) {
    add("  " + NameOf(count.disposition()), count.attempts());
  }
  add("recorded late", report.late_records());
  table.Add({"NEEDS", ""});
  add("found", report.needs_found());
  add("shared", report.needs_shared());
  for (const auto& count : report.referrals()) {
    add("  referral " + NameOf(count.state()), count.referrals());
  }
  out << table;
}

absl::Status Report(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::GetCampaignReportRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const pb::GetCampaignReportResponse response,
                   calls.Call(&Campaigns::GetCampaignReport, request));
  session.Print(response, [&](std::ostream& out) { PrintReport(response.report(), out); });
  return absl::OkStatus();
}

void PrintExplanation(const pb::ExplainHouseholdResponse& response, std::ostream& out) {
  out << NameOf(response.bucket()) << ": " << response.explanation() << "\n  state "
      << NameOf(response.state()) << ", " << response.attempts() << " attempts";
  if (response.has_until_time()) out << ", until " << Moment(response.until_time());
  out << "\n";
  if (response.findings().empty()) return;
  Table table({"FOUND", "NEED", "URGENCY", "SHARED", "REFERRAL", "OUTCOME", "WAITS FOR"});
  for (const pb::Finding& finding : response.findings()) {
    table.Add({NameOf(finding.kind()), NameOf(finding.need()), NameOf(finding.urgency()),
               finding.shared() ? "yes" : "no", NameOf(finding.referral_state()),
               NameOf(finding.referral_outcome()), NameOf(finding.decision_reason())});
  }
  out << table;
}

absl::Status Explain(Session& session, const std::string& campaign, const std::string& household) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign);
  request.set_household_id(household);
  ASSIGN_OR_RETURN(const pb::ExplainHouseholdResponse response,
                   calls.Call(&Campaigns::ExplainHousehold, request));
  session.Print(response, [&](std::ostream& out) { PrintExplanation(response, out); });
  return absl::OkStatus();
}

void DeclareCreate(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("create", "Creates a campaign; nobody is called yet");
  command->footer(
      "\nFILE is the JSON of a veille.calls.v1.Campaign: title, purpose, cohort_rule, call_hours,\n"
      "retry_rules. deploy/samples/campaign.json is one. Without a period in the file it runs\n"
      "eight weeks from now.");
  const auto arguments = std::make_shared<CreateArguments>();
  command->add_option("FILE", arguments->file, "the campaign; - is standard input")->required();
  command->add_option("--script", arguments->script, "the published script to follow")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--start", arguments->start, "when calling may begin")->type_name("TIME");
  command->add_option("--end", arguments->end, "when calling ends")->type_name("TIME");
  session.On(command, [&session, arguments] { return Create(session, *arguments); });
}

using OnOne = absl::Status (*)(Session&, const std::string&);

void DeclareOnOne(CLI::App& group, Session& session, const std::string& name,
                  const std::string& about, OnOne action) {
  CLI::App* command = group.add_subcommand(name, about);
  const auto campaign = std::make_shared<std::string>();
  command->add_option("CAMPAIGN", *campaign, "id of the campaign")->required()->check(IsUuid());
  session.On(command, [&session, campaign, action] { return action(session, *campaign); });
}

}  // namespace

void DeclareCampaign(CLI::App& app, Session& session) {
  CLI::App* group =
      app.add_subcommand("campaign", "One purpose, one cohort, one script, one period");
  group->require_subcommand(1);
  DeclareCreate(*group, session);
  DeclareOnOne(*group, session, "open", "Draws the cohort and starts the campaign; safe to repeat",
               Open);
  DeclareOnOne(*group, session, "get", "Shows a campaign", Get);
  DeclareOnOne(*group, session, "report", "Shows what a campaign achieved so far", Report);
  session.On(group->add_subcommand("list", "Lists the landlord's campaigns, newest first"),
             [&session] { return List(session); });

  CLI::App* explain = app.add_subcommand(
      "explain", "Tells why a household is or is not called now, and what was found");
  const auto ids = std::make_shared<std::pair<std::string, std::string>>();
  explain->add_option("CAMPAIGN", ids->first, "id of the campaign")->required()->check(IsUuid());
  explain->add_option("HOUSEHOLD", ids->second, "id of the household")->required()->check(IsUuid());
  session.On(explain, [&session, ids] { return Explain(session, ids->first, ids->second); });
}

}  // namespace veille::veillectl
