#include "common/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "absl/time/clock.h"
#include "common/db/lane_metrics.h"
#include "common/rpc/call_metrics.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille {
namespace {

using metrics::Label;
using ::testing::HasSubstr;
using ::testing::Not;

// An identifier, or text from anywhere, has no way into a label.
static_assert(!std::is_constructible_v<metrics::LabelValue, Label, std::string>);
static_assert(!std::is_constructible_v<metrics::LabelValue, Label, const char*>);
static_assert(!std::is_constructible_v<metrics::LabelValue, Label, ids::HouseholdId>);
static_assert(!std::is_constructible_v<metrics::LabelValue, Label, ids::Uuid>);
static_assert(!std::is_constructible_v<metrics::LabelValue, std::string, log::Text>);

constexpr metrics::Family kThings{"things_total", "Things that were counted."};
constexpr metrics::Family kSizes{"sizes", "How large things are."};

TEST(MetricsTest, AreTextForPrometheus) {
  metrics::Counter first;
  metrics::Counter second;
  first.Add(3);
  second.Add();
  metrics::Scrape scrape;
  scrape.Add(kThings, {{Label::kState, "due"}}, first);
  scrape.Add(kThings, {{Label::kState, log::Text{"a \"quoted\"\nvalue"}}}, second);
  scrape.Gauge(kSizes, {}, 1.5);
  EXPECT_EQ(scrape.Text(),
            "# HELP things_total Things that were counted.\n"
            "# TYPE things_total counter\n"
            "things_total{state=\"due\"} 3\n"
            "things_total{state=\"a \\\"quoted\\\"\\nvalue\"} 1\n"
            "# HELP sizes How large things are.\n"
            "# TYPE sizes gauge\n"
            "sizes 1.5\n");
}

TEST(MetricsTest, HistogramsAreCumulative) {
  static constexpr double kBounds[] = {1, 4, 16};
  metrics::Histogram sizes(kBounds);
  for (const double size : {0.5, 1.0, 2.0, 16.0, 17.0, 400.0}) sizes.Observe(size);
  metrics::Scrape scrape;
  scrape.Add(kSizes, {{Label::kBatch, "lease"}}, sizes);
  EXPECT_THAT(scrape.Text(), HasSubstr("sizes_count{batch=\"lease\"} 6\n"
                                       "sizes_sum{batch=\"lease\"} 436.5\n"
                                       "sizes_bucket{batch=\"lease\",le=\"1\"} 2\n"
                                       "sizes_bucket{batch=\"lease\",le=\"4\"} 3\n"
                                       "sizes_bucket{batch=\"lease\",le=\"16\"} 4\n"
                                       "sizes_bucket{batch=\"lease\",le=\"+Inf\"} 6\n"));
}

TEST(MetricsTest, NothingIsLostBetweenThreads) {
  metrics::Counter counter;
  metrics::Histogram histogram(metrics::kSecondsBounds);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 10000; ++k) {
          counter.Add();
          histogram.Observe(0.002);
        }
      });
    }
  }
  EXPECT_EQ(counter.value(), 40000U);
  EXPECT_EQ(histogram.count(1), 40000U);
  EXPECT_DOUBLE_EQ(histogram.sum(), 80.0);
}

std::string TextOf(const rpc::CallMetrics& calls) {
  metrics::Scrape scrape;
  calls.Expose(scrape);
  return scrape.Text();
}

TEST(CallMetricsTest, AllLabelsStandFromTheStartOn) {
  const rpc::CallMetrics calls({"veille.calls.v1.CallService"});
  const std::string text = TextOf(calls);
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{grpc_type=\"unary\","
                              "grpc_service=\"veille.calls.v1.CallService\","
                              "grpc_method=\"LeaseNextCall\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("grpc_method=\"RecordCall\",grpc_code=\"OK\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("grpc_method=\"RecordCall\",grpc_code=\"Unauthenticated\"} 0\n"));
}

TEST(CallMetricsTest, CountsACall) {
  rpc::CallMetrics calls({"veille.calls.v1.CallService", "veille.registry.v1.RegistryService"});
  auto tally = rpc::CallTally::Begin<calls::v1::RecordCallRequest>(&calls);
  tally.Received();
  tally.End(absl::StatusCode::kFailedPrecondition);
  auto stream = rpc::CallTally::Begin<registry::v1::ImportHouseholdsRequest>(&calls);
  stream.Sent();
  stream.Sent();
  stream.End(absl::StatusCode::kOk);

  const std::string text = TextOf(calls);
  const std::string record =
      "{grpc_type=\"unary\",grpc_service=\"veille.calls.v1.CallService\","
      "grpc_method=\"RecordCall\"";
  const std::string import =
      "{grpc_type=\"bidi_stream\",grpc_service=\"veille.registry.v1.RegistryService\","
      "grpc_method=\"ImportHouseholds\"";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total" + record + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total" + record + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total" + record + "} 0\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total" + record +
                              ",grpc_code=\"FailedPrecondition\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count" + record + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total" + import + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handled_total" + import + ",grpc_code=\"OK\"} 1\n"));
}

// Two servers in one process, and requests that no service of a server takes.
TEST(CallMetricsTest, KnowsOnlyItsOwn) {
  rpc::CallMetrics calls({"veille.calls.v1.CallService"});
  rpc::CallMetrics registry({"veille.registry.v1.RegistryService"});
  EXPECT_NE(calls.Of<calls::v1::RecordCallRequest>(), nullptr);
  EXPECT_EQ(calls.Of<calls::v1::RecordCallRequest>(), calls.Of<calls::v1::RecordCallRequest>());
  EXPECT_EQ(registry.Of<calls::v1::RecordCallRequest>(), nullptr);
  auto nowhere = rpc::CallTally::Begin<calls::v1::RecordCallRequest>(&registry);
  nowhere.Received();
  nowhere.End(absl::StatusCode::kOk);
  auto without = rpc::CallTally::Begin<calls::v1::RecordCallRequest>(nullptr);
  without.End(absl::StatusCode::kOk);
  EXPECT_THAT(TextOf(registry), Not(HasSubstr("RecordCall")));
}

TEST(LaneMetricsTest, SeesALaneHang) {
  db::LaneMetrics lanes(2);
  const absl::Time now = absl::Now();
  EXPECT_EQ(lanes.Hanging(now + absl::Hours(1000)), 0);  // idle for ever
  lanes.Busy(0, now, now + absl::Seconds(10));
  lanes.Busy(1, now, now + absl::Hours(4));  // a stream: its statements are shorter
  EXPECT_EQ(lanes.Hanging(now + absl::Minutes(5)), 0);
  EXPECT_EQ(lanes.Hanging(now + absl::Minutes(6)), 1);
  EXPECT_EQ(lanes.Hanging(now + absl::Minutes(66)), 2);
  lanes.Idle(0);
  EXPECT_EQ(lanes.Hanging(now + absl::Minutes(66)), 1);
}

}  // namespace
}  // namespace veille
