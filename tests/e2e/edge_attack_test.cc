// The edge under attack, and under as many people as an installation has: what honest callers
// notice of it.

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "common/rpc/client.h"
#include "e2e/demo_run.h"
#include "e2e/edge.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/import_run.h"
#include "veillectl/register/register_file.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;

constexpr absl::Duration kMeasured = absl::Seconds(3);
constexpr int kRounds = 4;

class EdgeAttackTest : public ::testing::Test {
 protected:
  Programme programme_;
};

struct Times {
  std::vector<double> milliseconds;
  int failed = 0;

  void Add(const Times& other) {
    milliseconds.insert(milliseconds.end(), other.milliseconds.begin(), other.milliseconds.end());
    failed += other.failed;
  }

  double Percentile(double share) {
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds.at(static_cast<size_t>(share * (milliseconds.size() - 1)));
  }
};

// A coordinator who reads, 20 times a second.
Times ReadScripts(const veillectl::Connection& connection) {
  Times times;
  const absl::Time end = absl::Now() + kMeasured;
  while (absl::Now() < end) {
    const absl::Time start = absl::Now();
    const auto answer =
        connection.Call(&pb::ScriptService::Stub::ListScripts, pb::ListScriptsRequest());
    times.milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
    times.failed += answer.ok() ? 0 : 1;
    absl::SleepFor(start + absl::Milliseconds(50) - absl::Now());
  }
  return times;
}

// Four of them at once.
Times MeasureHonestCallers(const Programme& programme, const std::string& landlord) {
  std::vector<Times> each(4);
  std::vector<std::thread> threads;
  for (Times& times : each) {
    threads.emplace_back([&] {
      times = ReadScripts(programme.Connect(Service::kCalls, {"coordinator", "ada", landlord, ""}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  Times all;
  for (const Times& times : each) all.Add(times);
  return all;
}

// Behind everybody else on this machine: in the world it has one of its own.
std::vector<std::string> AttackerCommand(const std::string& kind, const std::string& address) {
  return {"/usr/bin/nice",
          "-n",
          "19",
          "/usr/bin/python3",
          absl::StrCat(VEILLE_E2E_DIR, "/edge_attacker.py"),
          kind,
          address,
          absl::StrCat(absl::ToInt64Seconds(kMeasured))};
}

TEST_F(EdgeAttackTest, HonestCallersHardlyNotice) {
  const Edge edge(programme_);  // with the limits that it has by itself
  Story story(programme_);
  ASSERT_TRUE(story.CreateLandlord().ok());
  ASSERT_TRUE(story.PublishScript().ok());
  programme_.GoThrough(edge.address());
  (void)MeasureHonestCallers(programme_, story.landlord_id);  // everything is warm
  for (const std::string kind : {"rapid-reset", "header-bomb", "slow-read", "large-frames"}) {
    Times calm;
    Times attacked;
    int tried = 0;
    // By turns, so that what else this machine does falls on both.
    for (int round = 0; round < kRounds; ++round) {
      calm.Add(MeasureHonestCallers(programme_, story.landlord_id));
      testing::Subprocess attacker(AttackerCommand(kind, edge.address()));
      attacked.Add(MeasureHonestCallers(programme_, story.landlord_id));
      tried += std::stoi(attacker.WaitForLine("TRIED ", absl::Seconds(20)).value_or("0"));
    }
    std::printf("%s, %d times: p50 %.2f ms, calm %.2f; p99 %.2f ms, calm %.2f; %zu calls each\n",
                kind.c_str(), tried, attacked.Percentile(0.5), calm.Percentile(0.5),
                attacked.Percentile(0.99), calm.Percentile(0.99), calm.milliseconds.size());
    EXPECT_GE(tried, 50) << kind;
    EXPECT_EQ(calm.failed + attacked.failed, 0) << kind;
    EXPECT_LE(attacked.Percentile(0.99), 2 * calm.Percentile(0.99)) << kind;
  }
}

void Import(const Story& story, const std::string& path) {
  const auto source = veillectl::OpenSource(path);
  ASSERT_THAT(source, testing::IsOk());
  const auto file = veillectl::RegisterFile::Open(**source, {});
  ASSERT_THAT(file, testing::IsOk());
  veillectl::ImportRun::Plan plan;
  plan.request_id = ids::Uuid::Random().ToString();
  plan.complete = true;
  const auto registry = story.As(Service::kRegistry, "coordinator");
  ASSERT_THAT(veillectl::ImportRun(registry, **file, std::move(plan), {}).Run(), testing::IsOk());
}

void Enrol(const Story& story, const std::string& subject) {
  pb::EnrolVolunteerRequest request;
  ASSERT_THAT(veillectl::ReadMessage(SamplePath("volunteer.json"), request.mutable_volunteer()),
              testing::IsOk());
  request.set_request_id(ids::Uuid::Random().ToString());
  request.mutable_volunteer()->set_subject(subject);
  ASSERT_THAT(story.As(Service::kCalls, "coordinator")
                  .Call(&pb::VolunteerService::Stub::EnrolVolunteer, request),
              testing::IsOk());
}

TEST_F(EdgeAttackTest, TwoThousandVolunteersConnectAndLease) {
  constexpr int kVolunteers = 2000;
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_GE(files.rlim_max, 2 * kVolunteers + 500);

  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/register.csv";
  WriteRegister(path, 2400, 1000);
  Story story(programme_);
  ASSERT_THAT(story.CreateLandlord(), testing::IsOk());
  Import(story, path);
  ASSERT_THAT(story.PublishScript(), testing::IsOk());
  ASSERT_THAT(story.CreateCampaign(), testing::IsOk());
  ASSERT_THAT(story.OpenCampaign(), testing::IsOk());

  const auto name = [](int volunteer) { return absl::StrCat("volunteer-", volunteer); };
  for (int i = 0; i < kVolunteers; ++i) Enrol(story, name(i));

  // All of them have one address here.
  const Edge edge(programme_, {"--calls-per-second", "5000", "--burst", "5000"});
  programme_.GoThrough(edge.address());
  std::vector<std::unique_ptr<veillectl::Connection>> connections(kVolunteers);
  std::atomic<int> next = 0;
  std::atomic<int> leased = 0;
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int volunteer = next++; volunteer < kVolunteers; volunteer = next++) {
        connections[volunteer] = std::make_unique<veillectl::Connection>(programme_.Connect(
            Service::kCalls, {"volunteer", name(volunteer), story.landlord_id, ""}));
        pb::LeaseNextCallRequest request;
        request.set_request_id(ids::Uuid::Random().ToString());
        request.set_campaign_id(story.campaign.campaign_id());
        const auto sheet =
            connections[volunteer]->Call(&pb::CallService::Stub::LeaseNextCall, request);
        EXPECT_TRUE(sheet.ok()) << volunteer << ": " << sheet.status();
        leased += sheet.ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%d volunteers connected and leased in %.1f s\n", leased.load(),
              absl::ToDoubleSeconds(absl::Now() - start));
  EXPECT_EQ(leased, kVolunteers);
  int standing = 0;
  for (const auto& connection : connections) {
    standing += connection->channel()->GetState(false) == GRPC_CHANNEL_READY ? 1 : 0;
  }
  EXPECT_EQ(standing, kVolunteers);
}

}  // namespace
}  // namespace veille::e2e
