#include "veillectl/simulation/call_progress.h"

#include <unistd.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kOnTerminal = absl::Milliseconds(500);
constexpr absl::Duration kElsewhere = absl::Seconds(2);
constexpr char kClearLine[] = "\r\033[K";

}  // namespace

std::string Grouped(int64_t number) {
  std::string text = absl::StrCat(number);
  for (size_t place = text.size(); place > 3 && text[place - 4] != '-';) {
    place -= 3;
    text.insert(place, ",");
  }
  return text;
}

CallProgress::CallProgress(const Connection& calls, std::string campaign_id, const Board& board)
    : calls_(calls),
      campaign_id_(std::move(campaign_id)),
      board_(board),
      terminal_(isatty(STDERR_FILENO) == 1),
      thread_([this] { Run(); }) {}

CallProgress::~CallProgress() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  thread_.join();
}

void CallProgress::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&ended_), terminal_ ? kOnTerminal : kElsewhere)) {
        break;
      }
    }
    Show(/*last=*/false);
  }
  Show(/*last=*/true);
}

void CallProgress::Show(bool last) {
  const SimulationCounts counts = board_.counts();
  std::string line = absl::StrCat("   ", Grouped(counts.calls), " calls (",
                                  absl::StrFormat("%.0f", counts.CallsPerSecond()), "/s), ",
                                  Grouped(counts.reached), " of ", Grouped(counts.households),
                                  " reached, ", counts.flagged, " in need", Referrals());
  line = terminal_ ? absl::StrCat(kClearLine, line, last ? "\n" : "") : line + "\n";
  std::cerr << line << std::flush;
}

// Nothing while the service does not answer: the calls themselves insist.
std::string CallProgress::Referrals() const {
  calls::v1::GetCampaignReportRequest request;
  request.set_campaign_id(campaign_id_);
  const auto response = calls_.Call(&calls::v1::CampaignService::Stub::GetCampaignReport, request);
  if (!response.ok()) return "; waiting for the services";
  int64_t created = 0;
  int64_t received = 0;
  int64_t accepted = 0;
  for (const calls::v1::ReferralStateCount& count : response->report().referrals()) {
    created += count.referrals();
    switch (count.state()) {
      case common::v1::REFERRAL_STATE_ACCEPTED:
      case common::v1::REFERRAL_STATE_IN_PROGRESS:
      case common::v1::REFERRAL_STATE_COMPLETED:
        accepted += count.referrals();
        [[fallthrough]];
      case common::v1::REFERRAL_STATE_RECEIVED:
        received += count.referrals();
        break;
      default:
        break;
    }
  }
  return absl::StrCat("; ", created, " referrals, ", received, " received, ", accepted,
                      " accepted");
}

}  // namespace veille::veillectl
