// What an operator sees of the real binaries: figures, and whether they live and serve.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "absl/strings/str_cat.h"
#include "e2e/metrics.h"
#include "e2e/story.h"
#include "testing/http.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace reg = ::veille::registry::v1;
using ::testing::AllOf;
using ::testing::Contains;
using testing::Fetch;
using ::testing::Ge;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Le;
using testing::WaitUntil;

// All label names that a metric may have: none of them names a person, a household, a landlord, a
// partner or a campaign.
const std::set<std::string> kLabels = {"batch",        "bucket",    "grpc_code", "grpc_method",
                                       "grpc_service", "grpc_type", "le",        "outcome",
                                       "reason",       "role",      "service",   "state",
                                       "urgency",      "verdict",   "version"};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The metrics that the dashboard shows and that the alerts watch.
std::set<std::string> WatchedMetrics() {
  const std::string folder = VEILLE_MONITORING_DIR;
  const auto dashboard = nlohmann::json::parse(ReadFile(folder + "/dashboard.json"));
  std::string used = ReadFile(folder + "/alerts.yaml");
  for (const auto& panel : dashboard.at("panels")) {
    for (const auto& target : panel.value("targets", nlohmann::json::array())) {
      used += "\n" + target.at("expr").get<std::string>();
    }
  }
  static const std::regex kMetric("\\b(veille|grpc_server|process)_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator found(used.begin(), used.end(), kMetric), end; found != end; ++found) {
    names.insert(found->str());
  }
  return names;
}

class OperationsTest : public ::testing::Test {
 protected:
  std::string admin(Service service) const { return programme_.admin_address(service); }
  Metrics ScrapeOf(Service service) const { return Scrape(admin(service)); }

  // Waits for figures that were read of the database after this moment.
  Metrics FreshFigures(Service service) {
    const absl::Time now = absl::Now();
    const auto is_fresh = [&] {
      const absl::Time asked = absl::Now();  // before the answer: a slow one looks no fresher
      const double age = ScrapeOf(service).Sum("veille_figures_age_seconds");
      return age >= 0 && asked - absl::Seconds(age) > now;
    };
    EXPECT_TRUE(WaitUntil(is_fresh, absl::Seconds(60)));
    return ScrapeOf(service);
  }

  void RunStory() {
    for (const Story::Step& step : Story::Steps()) {
      ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name;
    }
  }

  Programme programme_;
  Story story_{programme_};
};

TEST_F(OperationsTest, CountsCalls) {
  const std::map<std::string, std::string> create = {
      {"grpc_service", "veille.calls.v1.CampaignService"}, {"grpc_method", "GetCampaign"}};
  const auto with_code = [&create](const std::string& code) {
    auto labels = create;
    labels["grpc_code"] = code;
    return labels;
  };
  const Metrics before = ScrapeOf(Service::kCalls);
  EXPECT_EQ(before.Sum("grpc_server_started_total", create), 0);
  EXPECT_EQ(before.Sum("grpc_server_handled_total", with_code("NotFound")), 0);

  ASSERT_THAT(story_.CreateLandlord(), IsOk());
  pb::GetCampaignRequest request;
  request.set_campaign_id("0188a0a0-0000-7000-8000-000000000001");
  const auto coordinator = story_.As(Service::kCalls, "coordinator");
  EXPECT_FALSE(coordinator.Call(&pb::CampaignService::Stub::GetCampaign, request).ok());
  request.set_campaign_id("no id");
  EXPECT_FALSE(coordinator.Call(&pb::CampaignService::Stub::GetCampaign, request).ok());
  const auto partner = story_.As(Service::kCalls, "partner");
  EXPECT_FALSE(partner.Call(&pb::CampaignService::Stub::GetCampaign, request).ok());

  const Metrics after = ScrapeOf(Service::kCalls);
  EXPECT_EQ(after.Sum("grpc_server_started_total", create), 3);
  EXPECT_EQ(after.Sum("grpc_server_msg_received_total", create), 3);
  EXPECT_EQ(after.Sum("grpc_server_msg_sent_total", create), 0);
  EXPECT_EQ(after.Sum("grpc_server_handled_total", create), 3);
  EXPECT_EQ(after.Sum("grpc_server_handled_total", with_code("NotFound")), 1);
  EXPECT_EQ(after.Sum("grpc_server_handled_total", with_code("InvalidArgument")), 1);
  EXPECT_EQ(after.Sum("grpc_server_handling_seconds_count", create), 3);
  EXPECT_GT(after.Sum("grpc_server_handling_seconds_sum", create), 0);
}

TEST_F(OperationsTest, CountsStreams) {
  ASSERT_THAT(story_.CreateLandlord(), IsOk());
  ASSERT_THAT(story_.ImportRegister(), IsOk());
  const Metrics registry = ScrapeOf(Service::kRegistry);
  const std::map<std::string, std::string> import = {{"grpc_method", "ImportHouseholds"},
                                                     {"grpc_type", "bidi_stream"}};
  EXPECT_EQ(registry.Sum("grpc_server_handled_total", import), 1);
  EXPECT_EQ(registry.Sum("grpc_server_msg_received_total", import), 3);  // header, chunk, end
  EXPECT_EQ(registry.Sum("grpc_server_msg_sent_total", import), 3);
  EXPECT_EQ(registry.Sum("veille_import_rows_total", {{"verdict", "taken"}}) +
                registry.Sum("veille_import_rows_total", {{"verdict", "taken_with_warning"}}),
            7);
  EXPECT_EQ(registry.Sum("veille_import_streams_total", {{"outcome", "done"}}), 1);
}

// The figures of a whole story: nothing personal is among them, and what the dashboard and the
// alerts watch is.
TEST_F(OperationsTest, ShowsFiguresWithoutPersonalData) {
  RunStory();
  const Metrics calls = FreshFigures(Service::kCalls);
  EXPECT_EQ(calls.Sum("veille_households"), 5);
  EXPECT_EQ(calls.Sum("veille_households", {{"bucket", "left_out"}}), 3);
  EXPECT_EQ(calls.Sum("veille_households", {{"bucket", "done"}}), 1);
  EXPECT_EQ(calls.Sum("veille_leases_live"), 0);
  EXPECT_EQ(calls.Sum("veille_decisions_waiting"), 0);
  EXPECT_EQ(calls.Sum("veille_outbox_messages"), 0);
  EXPECT_GE(calls.Sum("veille_batch_size_count", {{"batch", "lease"}}), 1);
  EXPECT_GE(calls.Sum("veille_batch_size_count", {{"batch", "record"}}), 1);
  const Metrics referral = FreshFigures(Service::kReferral);
  EXPECT_EQ(referral.Sum("veille_referrals_open"), 0);
  EXPECT_EQ(referral.Sum("veille_referrals_oldest_unreceived_seconds"), 0);

  const std::regex identifier("[0-9a-f]{8}-[0-9a-f]{4}|[0-9]{4}", std::regex::icase);
  std::set<std::string> shown;
  for (const Service service : kServices) {
    const Metrics metrics = ScrapeOf(service);
    EXPECT_GT(metrics.samples().size(), 100U);
    shown.merge(metrics.names());
    EXPECT_GT(metrics.Sum("process_resident_memory_bytes"), 1e6);
    EXPECT_GT(metrics.Sum("process_cpu_seconds_total"), 0);
    EXPECT_GT(metrics.Sum("process_open_fds"), 3);
    EXPECT_NEAR(metrics.Sum("process_start_time_seconds"),
                absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()), 600);
    EXPECT_EQ(metrics.Sum("veille_build_info", {{"service", NameOf(service)}}), 1);
    EXPECT_EQ(metrics.Sum("veille_lanes"), 4);
    EXPECT_EQ(metrics.Sum("veille_lanes_hanging"), 0);
    EXPECT_GT(metrics.Sum("veille_lane_transaction_seconds_count"), 0);
    for (const Sample& sample : metrics.samples()) {
      for (const auto& [label, value] : sample.labels) {
        EXPECT_TRUE(kLabels.contains(label)) << sample.name << " has the label " << label;
        if (label == "le") continue;  // the bounds of a histogram
        EXPECT_FALSE(std::regex_search(value, identifier)) << sample.name << " " << value;
      }
    }
    const std::string text = Fetch(admin(service), "/metrics").body;
    for (const std::string& secret :
         {story_.landlord_id, story_.campaign.campaign_id(), story_.partner_id, story_.volunteer_id,
          story_.referral_id, story_.subject().family_name(), story_.sheet.lease().household_id(),
          story_.subject().tenant_id()}) {
      ASSERT_FALSE(secret.empty());
      EXPECT_THAT(text, ::testing::Not(HasSubstr(secret)));
    }
  }
  const std::set<std::string> watched = WatchedMetrics();
  EXPECT_GE(watched.size(), 25U);
  for (const std::string& name : watched) EXPECT_THAT(shown, Contains(name));
}

// A case that no partner has received is seen to wait, and for how long.
TEST_F(OperationsTest, SeesACaseWait) {
  for (const Story::Step& step : Story::Steps()) {
    if (step.name == "AwaitNotice") break;
    ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name;
    if (step.name == "RegisterPartner") story_.inbox.reset();  // its machine is off
  }
  const std::map<std::string, std::string> requested = {{"state", "requested"},
                                                        {"urgency", "routine"}};
  ASSERT_TRUE(WaitUntil(
      [&] { return ScrapeOf(Service::kReferral).Sum("veille_referrals_open", requested) == 1; },
      absl::Seconds(60)));
  programme_.MoveClocks(absl::Hours(1));
  const Metrics referral = FreshFigures(Service::kReferral);
  EXPECT_THAT(referral.Sum("veille_referrals_oldest_unreceived_seconds", {{"urgency", "routine"}}),
              AllOf(Ge(3600), Le(3800)));
  EXPECT_EQ(referral.Sum("veille_deliveries_open", {{"state", "due"}}) +
                referral.Sum("veille_deliveries_open", {{"state", "sending"}}),
            1);
}

TEST_F(OperationsTest, ReadinessFollowsTheDatabase) {
  EXPECT_EQ(Fetch(admin(Service::kCalls), "/readyz").status, 200);
  EXPECT_EQ(Fetch(admin(Service::kCalls), "/livez").status, 200);
  testing::TestDatabase other({});  // a connection that is not the database's own
  const std::string name = programme_.database(Service::kCalls).name();
  other.Query(absl::StrCat("ALTER DATABASE ", name, " ALLOW_CONNECTIONS false"));
  other.Query(absl::StrCat(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '", name, "'"));
  ASSERT_TRUE(WaitUntil([&] { return Fetch(admin(Service::kCalls), "/readyz").status == 503; }));
  const testing::HttpAnswer away = Fetch(admin(Service::kCalls), "/readyz");
  EXPECT_EQ(away.body, "not ready: database\n");
  EXPECT_EQ(Fetch(admin(Service::kCalls), "/livez").status, 200);  // a restart would not help
  EXPECT_EQ(ScrapeOf(Service::kCalls).Sum("veille_ready"), 0);
  EXPECT_EQ(Fetch(admin(Service::kRegistry), "/readyz").status, 200);

  other.Query(absl::StrCat("ALTER DATABASE ", name, " ALLOW_CONNECTIONS true"));
  ASSERT_TRUE(WaitUntil([&] { return Fetch(admin(Service::kCalls), "/readyz").status == 200; }));
  EXPECT_EQ(ScrapeOf(Service::kCalls).Sum("veille_ready"), 1);
}

TEST_F(OperationsTest, ReadinessNeedsTheSchema) {
  programme_.database(Service::kReferral)
      .Query("UPDATE schema_migrations SET checksum = 'another' WHERE scope = 'referral'");
  ASSERT_TRUE(WaitUntil([&] { return Fetch(admin(Service::kReferral), "/readyz").status == 503; }));
  EXPECT_EQ(Fetch(admin(Service::kReferral), "/readyz").body, "not ready: schema\n");
}

// After SIGTERM a service says at once that it is not ready, while what is in flight goes on.
TEST_F(OperationsTest, SaysThatItDrains) {
  ASSERT_THAT(story_.CreateLandlord(), IsOk());
  const auto coordinator = story_.As(Service::kRegistry, "coordinator");
  grpc::ClientContext context;
  coordinator.Prepare(context, absl::Minutes(1));
  const auto stub = reg::RegistryService::NewStub(coordinator.channel());
  const auto import = stub->ImportHouseholds(&context);
  reg::ImportHouseholdsRequest request;
  auto& header = *request.mutable_header();
  header.set_request_id(ids::Uuid::Random().ToString());
  header.set_file_hash(std::string(32, 'x'));
  header.set_date_format(reg::DATE_FORMAT_DAY_MONTH_YEAR);
  header.set_expected_rows(0);
  ASSERT_TRUE(import->Write(request));
  reg::ImportHouseholdsResponse response;
  ASSERT_TRUE(import->Read(&response)) << import->Finish().error_message();

  programme_.Signal(Service::kRegistry, SIGTERM);
  ASSERT_TRUE(WaitUntil([&] { return Fetch(admin(Service::kRegistry), "/readyz").status == 503; },
                        absl::Seconds(2)));
  EXPECT_EQ(Fetch(admin(Service::kRegistry), "/readyz").body, "not ready: draining\n");
  EXPECT_EQ(Fetch(admin(Service::kRegistry), "/livez").status, 200);
  EXPECT_EQ(ScrapeOf(Service::kRegistry).Sum("veille_calls_in_flight"), 1);
  EXPECT_TRUE(programme_.running(Service::kRegistry));

  import->WritesDone();
  while (import->Read(&response)) {
  }
  (void)import->Finish();
  EXPECT_EQ(programme_.Stop(Service::kRegistry), 0);
  EXPECT_EQ(Fetch(admin(Service::kRegistry), "/readyz").status, 0);
}

}  // namespace
}  // namespace veille::e2e
