// veille-call-tracking: campaigns, volunteers and their calls.

#include "call_tracking/call_tracking_server.h"

namespace veille::call_tracking {
namespace {

const config::ServiceDescription kDescription = {
    "call-tracking",
    "Runs campaigns: who is called, by whom, and what was said.",
    "127.0.0.1:7002",
    {{"registry-address", "address of tenant-registry", "127.0.0.1:7001"},
     {"referral-address", "address of referral", "127.0.0.1:7003"}},
    {{"lease-duration", "how long a lease lasts", "20m", absl::Seconds(1), absl::Hours(8)}},
    {{"single-calls", "for measuring only: calls that come together share nothing"}}};

absl::StatusOr<std::unique_ptr<program::Parts>> Build(const program::Surroundings& surroundings) {
  const config::ServiceConfig& config = surroundings.config;
  CallTrackingOptions options{.registry = surroundings.PeerOf("registry-address"),
                              .referral = surroundings.PeerOf("referral-address"),
                              .calls = {.lease_length = config.durations.at("lease-duration")}};
  if (config.switches.at("single-calls")) {
    options.calls.calls_per_batch = 1;
    options.calls.batches_in_flight = config.database.lanes;
    options.contact_sheets = {.sheets_per_request = 1, .requests_in_flight = config.max_in_flight};
  }
  return std::make_unique<CallTracking>(surroundings.server, surroundings.seal, options);
}

}  // namespace
}  // namespace veille::call_tracking

int main(int argc, char** argv) {
  using namespace veille::call_tracking;
  return veille::program::Run({kDescription, ServiceNames(), Schema(), Build}, argc, argv);
}
