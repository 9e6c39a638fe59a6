#include "e2e/crowd.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "e2e/demo_run.h"
#include "testing/status_matchers.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/import_run.h"
#include "veillectl/register/register_file.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;

constexpr int kThreads = 8;
// One coordinator enrols so many: more would be too many calls of one person.
constexpr int kEnrolledByOne = 50;

std::string NewId() { return ids::Uuid::Random().ToString(); }

std::string NameOf(int volunteer) { return absl::StrCat("volunteer-", volunteer); }

}  // namespace

bool AllowOpenFiles(size_t files) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, files);
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, files);  // more than there is: root's alone
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

Crowd::Crowd(Programme& programme, CrowdSize size)
    : programme_(programme), size_(size), connections_(size.landlords * size.volunteers) {
  for (int i = 0; i < size.landlords; ++i) {
    Story& story = *stories_.emplace_back(std::make_unique<Story>(programme));
    EXPECT_THAT(story.CreateLandlord(), testing::IsOk());
    Import(story);
    EXPECT_THAT(story.PublishScript(), testing::IsOk());
    EXPECT_THAT(story.CreateCampaign(), testing::IsOk());
    EXPECT_THAT(story.OpenCampaign(), testing::IsOk());
  }
  ForEach(&Crowd::Enrol);
}

void Crowd::ConnectAndLease() { ForEach(&Crowd::Lease); }

int Crowd::connected() const {
  return static_cast<int>(std::ranges::count_if(connections_, [](const auto& connection) {
    return connection != nullptr && connection->channel()->GetState(false) == GRPC_CHANNEL_READY;
  }));
}

// A fifth more households than volunteers: one in ten is too young, some object.
void Crowd::Import(const Story& story) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/register.csv";
  WriteRegister(path, size_.volunteers * 6 / 5, 1000);
  const auto source = veillectl::OpenSource(path);
  ASSERT_THAT(source, testing::IsOk());
  const auto file = veillectl::RegisterFile::Open(**source, {});
  ASSERT_THAT(file, testing::IsOk());
  veillectl::ImportRun::Plan plan;
  plan.request_id = NewId();
  plan.complete = true;
  const auto registry = story.As(Service::kRegistry, "coordinator");
  ASSERT_THAT(veillectl::ImportRun(registry, **file, std::move(plan), {}).Run(), testing::IsOk());
}

void Crowd::Enrol(int volunteer) {
  if (volunteer % kEnrolledByOne != 0) return;
  const auto coordinator = programme_.Connect(
      Service::kCalls,
      {"coordinator", absl::StrCat("ada-", volunteer), StoryOf(volunteer).landlord_id, ""});
  pb::EnrolVolunteerRequest request;
  ASSERT_THAT(veillectl::ReadMessage(SamplePath("volunteer.json"), request.mutable_volunteer()),
              testing::IsOk());
  for (int i = volunteer; i < std::min(volunteer + kEnrolledByOne, size()); ++i) {
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_subject(NameOf(i));
    EXPECT_THAT(coordinator.Call(&pb::VolunteerService::Stub::EnrolVolunteer, request),
                testing::IsOk());
  }
}

void Crowd::Lease(int volunteer) {
  const Story& story = StoryOf(volunteer);
  connections_[volunteer] = std::make_unique<veillectl::Connection>(
      programme_.Connect(Service::kCalls, {"volunteer", NameOf(volunteer), story.landlord_id, ""}));
  pb::LeaseNextCallRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(story.campaign.campaign_id());
  const auto sheet = connections_[volunteer]->Call(&pb::CallService::Stub::LeaseNextCall, request);
  EXPECT_TRUE(sheet.ok()) << volunteer << ": " << sheet.status();
  leased_ += sheet.ok() ? 1 : 0;
}

void Crowd::ForEach(void (Crowd::*act)(int volunteer)) {
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int volunteer = next++; volunteer < size(); volunteer = next++) (this->*act)(volunteer);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace veille::e2e
