#include "veillectl/commands/campaign.h"

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"

namespace veille::veillectl {
namespace {

using Campaigns = calls::v1::CampaignService::Stub;

// How long an opening may stand still before we give it up.
constexpr absl::Duration kCampaignPatience = absl::Seconds(30);
constexpr absl::Duration kCampaignPause = absl::Seconds(1);

absl::StatusOr<int64_t> DrawnSoFar(const Connection& calls, const std::string& campaign) {
  calls::v1::GetCampaignReportRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::GetCampaignReportResponse response,
                   calls.Call(&Campaigns::GetCampaignReport, request));
  return response.report().drawn();
}

// A large cohort takes longer to draw than one call may wait, and a service may go down meanwhile:
// the next call goes on where the drawing stands.
absl::StatusOr<calls::v1::OpenCampaignResponse> OpenToTheEnd(
    const Connection& calls, const calls::v1::OpenCampaignRequest& request) {
  ASSIGN_OR_RETURN(int64_t drawn, DrawnSoFar(calls, request.campaign_id()));
  absl::Time moved = absl::Now();
  for (;;) {
    auto response = calls.Call(&Campaigns::OpenCampaign, request);
    if (response.ok() || !WorthRepeating(response.status())) return response;
    const auto now_drawn = DrawnSoFar(calls, request.campaign_id());
    if (now_drawn.ok() && *now_drawn != drawn) {
      moved = absl::Now();
      drawn = *now_drawn;
      std::cerr << "opening: " << drawn << " households drawn so far\n";
    }
    if (absl::Now() - moved > kCampaignPatience) return response;
    const auto delay = RetryDelayOf(response.status());
    if (!delay.has_value()) (void)calls.WaitUntilReachable(kCampaignPause);
    absl::SleepFor(delay.value_or(kCampaignPause / 10));
  }
}

absl::Status Open(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::OpenCampaignRequest request;
  request.set_request_id(session.RequestId());
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::OpenCampaignResponse response, OpenToTheEnd(calls, request));
  session.Print(response, [&](std::ostream& out) {
    PrintCampaign(response.campaign(), out);
    out << "Next: veillectl campaign left-out " << campaign << "\n      veillectl call lease "
        << campaign << " --subject VOLUNTEER\n";
  });
  return absl::OkStatus();
}

// PauseCampaign and resume.
template <typename Request, typename Response>
absl::Status Step(Session& session, const std::string& campaign,
                  grpc::Status (Campaigns::*method)(grpc::ClientContext*, const Request&,
                                                    Response*)) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  Request request;
  request.set_request_id(session.RequestId());
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const Response response, calls.Call(method, request));
  session.Print(response, [&](std::ostream& out) { PrintCampaign(response.campaign(), out); });
  return absl::OkStatus();
}

absl::Status PauseCampaign(Session& session, const std::string& campaign) {
  return Step(session, campaign, &Campaigns::PauseCampaign);
}

absl::Status ResumeCampaign(Session& session, const std::string& campaign) {
  return Step(session, campaign, &Campaigns::ResumeCampaign);
}

absl::Status GetCampaign(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::GetCampaignRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::GetCampaignResponse response,
                   calls.Call(&Campaigns::GetCampaign, request));
  session.Print(response, [&](std::ostream& out) { PrintCampaign(response.campaign(), out); });
  return absl::OkStatus();
}

struct CampaignListArguments {
  std::string state;
  Paging paging;
};

absl::Status ListCampaigns(Session& session, const CampaignListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::ListCampaignsRequest request;
  request.set_state(ValueOf<calls::v1::CampaignState>(arguments.state));
  ASSIGN_OR_RETURN(
      const calls::v1::ListCampaignsResponse response,
      ListPages(calls, &Campaigns::ListCampaigns, std::move(request), arguments.paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.campaigns().empty()) out << "No campaign yet: veillectl campaign create --help\n";
    Table table({"CAMPAIGN", "STATE", "FROM", "TO", "SELECTED", "TITLE"});
    for (const calls::v1::Campaign& campaign : response.campaigns()) {
      table.Add({campaign.campaign_id(), NameOf(campaign.state()), Moment(campaign.start_time()),
                 Moment(campaign.end_time()),
                 campaign.has_open_time() ? absl::StrCat(campaign.selected()) : "-",
                 campaign.title()});
    }
    if (!table.empty()) out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

using OnOne = absl::Status (*)(Session&, const std::string&);

void DeclareOnOne(CLI::App& group, Session& session, const std::string& name,
                  const std::string& about, OnOne action, const std::string& help) {
  CLI::App* command = group.add_subcommand(name, about);
  command->footer(help);
  const auto campaign = std::make_shared<std::string>();
  AddCampaignArgument(*command, *campaign);
  session.On(command, [&session, campaign, action] { return action(session, *campaign); });
}

void DeclareCampaignList(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("list", "Lists the landlord's campaigns, newest first");
  command->footer(
      "\nExample:\n"
      "  veillectl campaign list --state running\n"
      "\nNext: veillectl campaign report CAMPAIGN, with an id of the list.");
  const auto arguments = std::make_shared<CampaignListArguments>();
  command->add_option("--state", arguments->state, "only those in this state")
      ->type_name("STATE")
      ->check(IsOneOf<calls::v1::CampaignState>());
  DeclarePaging(*command, arguments->paging);
  session.On(command, [&session, arguments] { return ListCampaigns(session, *arguments); });
}

void DeclareSteps(CLI::App& group, Session& session) {
  DeclareOnOne(
      group, session, "open", "Draws the cohort and starts the campaign; goes on where it was cut",
      Open,
      "\nThe registry judges every household by the campaign's rule, once. Those selected\n"
      "are called from now on; those left out are kept with the reason. Repeat the command\n"
      "when it was cut: it continues, and a campaign that runs is left as it is.\n"
      "\nExample:\n"
      "  veillectl campaign open 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d\n"
      "\nNext: veillectl campaign left-out CAMPAIGN shows whom nobody will call, and why;\n"
      "veillectl call lease CAMPAIGN --subject VOLUNTEER gives a volunteer the first\n"
      "household; veillectl campaign watch CAMPAIGN follows what happens.");
  DeclareOnOne(group, session, "pause", "No more households are given out for now", PauseCampaign,
               "\nCalls in progress can still be recorded; weekly calls wait too.\n"
               "\nExample:\n"
               "  veillectl campaign pause 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d\n"
               "\nNext: veillectl campaign resume CAMPAIGN");
  DeclareOnOne(group, session, "resume", "Households are given out again", ResumeCampaign,
               "\nExample:\n"
               "  veillectl campaign resume 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d\n"
               "\nNext: veillectl campaign watch CAMPAIGN");
  DeclareOnOne(group, session, "get", "Shows a campaign and its settings", GetCampaign,
               "\nExample:\n"
               "  veillectl campaign get 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d\n"
               "\nNext: veillectl campaign report CAMPAIGN");
}

}  // namespace

void AddCampaignArgument(CLI::App& command, std::string& campaign) {
  command.add_option("CAMPAIGN", campaign, "its id: campaign list shows them")
      ->required()
      ->check(IsUuid());
}

void DeclareCampaign(CLI::App& app, Session& session) {
  CLI::App* group =
      app.add_subcommand("campaign", "One purpose, one cohort, one script, one period");
  group->require_subcommand(1);
  group->footer(
      "\nIn this order: create, open, watch or report. left-out is a list to act on: people whom\n"
      "nobody can call. explain (veillectl explain) tells of one household why it is, or is not,\n"
      "called now.");
  DeclareCreateCampaign(*group, session);
  DeclareSteps(*group, session);
  DeclareCampaignList(*group, session);
  DeclareReports(*group, session);
  DeclareLeftOut(*group, session);
}

}  // namespace veille::veillectl
