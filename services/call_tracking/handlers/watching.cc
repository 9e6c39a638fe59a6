#include "call_tracking/handlers/watching.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "call_tracking/convert/campaign.h"
#include "call_tracking/convert/campaign_report.h"
#include "call_tracking/store/report_store.h"
#include "common/async/either_stop.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr absl::Duration kShortestPause = absl::Seconds(1);
// A campaign that takes long to count is counted less often: a watcher keeps the database busy for
// a tenth of the time at most.
constexpr int kPausePerReading = 9;

// What a watcher would see change.
std::string Figures(pb::CampaignReport report) {
  report.clear_report_time();
  return report.SerializeAsString();
}

}  // namespace

async::Task<absl::Status> WatchCampaign(RequestContext& context,
                                        const pb::WatchCampaignRequest& request,
                                        rpc::StreamWriter<pb::WatchCampaignResponse>& writer) {
  CO_ASSIGN_OR_RETURN(const ids::CampaignId id, FromProto(request));
  const async::EitherStop stop(context.stop(), context.drain());
  std::string sent;
  for (;;) {
    const absl::Time begun = absl::Now();
    auto read = co_await context.db().Read([&](db::ReadTx& tx) {
      return ReadReport(tx, context.landlord(), id, context.current_time());
    });
    CO_ASSIGN_OR_RETURN(const CampaignReport report, std::move(read));
    const absl::Duration took = absl::Now() - begun;
    pb::WatchCampaignResponse response;
    *response.mutable_report() = ToProto(report);
    std::string figures = Figures(response.report());
    if (figures != sent) {
      const bool taken = co_await writer.Write(response);
      if (!taken) co_return errors::Cancelled();
      sent = std::move(figures);
    }
    if (IsOver(report)) co_return absl::OkStatus();
    const absl::Duration pause = std::max(kShortestPause, kPausePerReading * took);
    const bool slept = co_await context.timers().Sleep(pause, stop.token());
    if (!slept)
      co_return context.stop().stop_requested() ? errors::Cancelled() : errors::Draining();
  }
}

}  // namespace veille::call_tracking::handlers
