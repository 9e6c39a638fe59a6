#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/campaign.h"

namespace veille::veillectl {
namespace {

using Campaigns = calls::v1::CampaignService::Stub;

constexpr absl::Duration kLongestWatch = absl::Hours(4);  // then the service wants a new one
// How long a service may stay away before the watch is given up.
constexpr absl::Duration kCampaignReportPatience = absl::Seconds(60);

absl::Status Report(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::GetCampaignReportRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::GetCampaignReportResponse response,
                   calls.Call(&Campaigns::GetCampaignReport, request));
  session.Print(response, [&](std::ostream& out) { PrintReport(response.report(), out); });
  return absl::OkStatus();
}

// Shows one report after the other: a picture that changes in its place on a terminal, a line for
// each otherwise.
class Screen {
 public:
  explicit Screen(const Session& session)
      : json_(session.json()), terminal_(isatty(STDOUT_FILENO) == 1) {}

  void Show(const calls::v1::CampaignReport& report) {
    if (json_) {
      std::cout << AsJsonLine(report) << std::endl;
    } else if (terminal_) {
      Redraw(report);
    } else {
      std::cout << absl::FormatTime("%H:%M:%S ", absl::Now(), absl::LocalTimeZone())
                << ProgressLine(report) << std::endl;
    }
  }

 private:
  void Redraw(const calls::v1::CampaignReport& report) {
    std::ostringstream picture;
    picture << ProgressLine(report) << "\n\n";
    PrintReport(report, picture);
    if (lines_ > 0) std::cout << "\033[" << lines_ << "F\033[J";
    std::cout << picture.str() << std::flush;
    const std::string drawn = picture.str();
    lines_ = std::count(drawn.begin(), drawn.end(), '\n');
  }

  const bool json_;
  const bool terminal_;
  std::ptrdiff_t lines_ = 0;
};

struct ReportWatchArguments {
  std::string campaign;
  int reports = 0;  // 0: until the campaign is over
};

class Watcher {
 public:
  Watcher(const Session& session, const Connection& calls, const ReportWatchArguments& arguments)
      : calls_(calls), arguments_(arguments), screen_(session) {}

  // Until the campaign is over, or enough was seen; watches again when the service comes back.
  absl::Status Run() {
    absl::Time lost = absl::InfinitePast();
    for (;;) {
      const int before = shown_;
      const absl::Status ended = WatchOnce();
      if (ended.ok() || !WorthRepeating(ended)) return ended;
      if (shown_ > before) lost = absl::Now();  // it was there until now
      if (absl::Now() - lost > kCampaignReportPatience) return ended;
      (void)calls_.WaitUntilReachable(absl::Seconds(1));
      absl::SleepFor(absl::Milliseconds(200));
    }
  }

 private:
  absl::Status WatchOnce() {
    Campaigns stub(calls_.channel());
    grpc::ClientContext context;
    calls_.Prepare(context, kLongestWatch);
    calls::v1::WatchCampaignRequest request;
    request.set_campaign_id(arguments_.campaign);
    const auto reader = stub.WatchCampaign(&context, request);
    calls::v1::WatchCampaignResponse response;
    while (reader->Read(&response)) {
      screen_.Show(response.report());
      if (++shown_ == arguments_.reports) return absl::OkStatus();
    }
    return rpc::FromGrpc(reader->Finish());
  }

  const Connection& calls_;
  const ReportWatchArguments& arguments_;
  Screen screen_;
  int shown_ = 0;
};

absl::Status WatchCampaignReport(Session& session, const ReportWatchArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  return Watcher(session, calls, arguments).Run();
}

}  // namespace

void DeclareReports(CLI::App& group, Session& session) {
  CLI::App* report = group.add_subcommand("report", "Shows what a campaign achieved so far");
  report->footer(
      "\nselected = reached + not reached + not called yet. Somebody is reached when a tenant or\n"
      "a proxy answered; completed when the script was followed to its end. The contract,\n"
      "proto/veille/calls/v1/campaign_report.proto, defines every figure.\n"
      "\nExample:\n"
      "  veillectl campaign report 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --json\n"
      "\nNext: veillectl decision list CAMPAIGN shows the households that wait for your decision,\n"
      "and veillectl referral list what became of the cases.");
  const auto campaign = std::make_shared<std::string>();
  AddCampaignArgument(*report, *campaign);
  session.On(report, [&session, campaign] { return Report(session, *campaign); });

  CLI::App* watch = group.add_subcommand("watch", "Follows a campaign until it is over");
  watch->footer(
      "\nThe report at once and whenever it has changed, each second at most: redrawn in its\n"
      "place on a terminal, else a line each, with --json an object on each line. A service that\n"
      "is restarted is waited for. Ctrl-C ends it.\n"
      "\nExample:\n"
      "  veillectl campaign watch 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d\n"
      "  veillectl campaign watch 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --json --reports 1\n"
      "\nNext: veillectl decision list CAMPAIGN shows the households that wait for your decision.");
  const auto arguments = std::make_shared<ReportWatchArguments>();
  AddCampaignArgument(*watch, arguments->campaign);
  watch->add_option("--reports", arguments->reports, "end after so many (when it is over)")
      ->type_name("N")
      ->check(CLI::PositiveNumber.description("a number from 1"));
  session.On(watch, [&session, arguments] { return WatchCampaignReport(session, *arguments); });
}

}  // namespace veille::veillectl
