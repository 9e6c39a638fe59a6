// The samples of tests/clients at work, each language against real services: a volunteer calls, a
// partner helps, and the coordinator sees the end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/ids/uuid.h"
#include "e2e/inbox.h"
#include "e2e/referrals.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/input.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace ref = ::veille::referral::v1;
namespace com = ::veille::common::v1;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;
using testing::Subprocess;
using testing::WaitUntil;
using veillectl::Connection;

constexpr absl::Duration kPatience = absl::Seconds(30);

struct Language {
  std::string name;
  std::string interpreter;
  std::string ending;

  friend void PrintTo(const Language& language, std::ostream* out) { *out << language.name; }
};

class ClientsTest : public ::testing::TestWithParam<Language> {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  void SetUp() override {
    if (!std::filesystem::exists(Folder() + "/ready")) {
      GTEST_SKIP() << "*** SKIPPED: the clients in " << GetParam().name
                   << ": tests/clients/prepare has not made them ready. ***";
    }
    ASSERT_THAT(story_.CreateLandlord(), IsOk());
  }

  static std::string Folder() { return absl::StrCat(VEILLE_CLIENTS, "/", GetParam().name); }

  // Errors go where the output goes.
  std::unique_ptr<Subprocess> Run(const std::string& client, const std::string& argument,
                                  const std::string& subject = "") {
    const std::string file = absl::StrCat(Folder(), "/", client, GetParam().ending);
    return std::make_unique<Subprocess>(
        std::vector<std::string>{"/bin/sh", "-c", "exec \"$@\" 2>&1", "sh", GetParam().interpreter,
                                 file, argument},
        std::vector<std::pair<std::string, std::string>>{
            {"VEILLE_CALLS_ADDRESS", programme_->address(Service::kCalls)},
            {"VEILLE_REFERRAL_ADDRESS", programme_->address(Service::kReferral)},
            {"VEILLE_LANDLORD", story_.landlord_id},
            {"VEILLE_PARTNER", story_.partner_id},
            {"VEILLE_SUBJECT", subject},
            {"PYTHONUNBUFFERED", "1"}});
  }

  std::unique_ptr<Subprocess> StartInbox() {
    auto inbox = Run("partner_inbox", inbox_address_);
    EXPECT_EQ(inbox->WaitForLine("SERVING ", kPatience), inbox_address_);
    return inbox;
  }

  void RegisterPartner() {
    ref::RegisterPartnerRequest request;
    request.set_request_id(NewId());
    ASSERT_THAT(veillectl::ReadMessage(SamplePath("partner.json"), request.mutable_partner()),
                IsOk());
    request.mutable_partner()->set_endpoint(inbox_address_);
    const auto registered =
        story_.As(Service::kReferral, "coordinator")
            .Call(&ref::PartnerDirectoryService::Stub::RegisterPartner, request);
    ASSERT_THAT(registered, IsOk());
    story_.partner_id = registered->partner().partner_id();
  }

  // A running campaign with two households.
  void OpenCampaign() {
    ASSERT_THAT(story_.ImportRegister(), IsOk());
    ASSERT_THAT(story_.PublishScript(), IsOk());
    ASSERT_THAT(story_.CreateCampaign(), IsOk());
    ASSERT_THAT(story_.OpenCampaign(), IsOk());
  }

  void Enrol(const std::string& subject) {
    pb::EnrolVolunteerRequest request;
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_subject(subject);
    request.mutable_volunteer()->set_display_name(subject);
    request.mutable_volunteer()->add_languages("fr");
    ASSERT_THAT(story_.As(Service::kCalls, "coordinator")
                    .Call(&pb::VolunteerService::Stub::EnrolVolunteer, request),
                IsOk());
  }

  Connection Volunteer(const std::string& subject) const {
    return programme_->Connect(Service::kCalls, {"volunteer", subject, story_.landlord_id, ""});
  }

  // Takes a household, so that nobody else is given it.
  pb::Lease Hold(const std::string& subject) {
    Enrol(subject);
    pb::LeaseNextCallRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(story_.campaign.campaign_id());
    const auto leased = Volunteer(subject).Call(&pb::CallService::Stub::LeaseNextCall, request);
    EXPECT_THAT(leased, IsOk());
    return leased.ok() ? leased->call_sheet().lease() : pb::Lease();
  }
  void Release(const std::string& subject, const pb::Lease& lease) {
    pb::ReleaseLeaseRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(lease.campaign_id());
    request.set_lease_id(lease.lease_id());
    request.set_fence(lease.fence());
    EXPECT_THAT(Volunteer(subject).Call(&pb::CallService::Stub::ReleaseLease, request), IsOk());
  }

  // What the coordinator sees of the landlord's one referral, once it is completed.
  ref::Referral AwaitCompleted() {
    const bool completed = WaitUntil(
        [this] {
          const auto listed = story_.Referrals();
          return listed.ok() && listed->referrals_size() == 1 &&
                 listed->referrals(0).state() == com::REFERRAL_STATE_COMPLETED;
        },
        kPatience);
    EXPECT_TRUE(completed);
    const auto listed = story_.Referrals();
    if (!listed.ok() || listed->referrals_size() != 1) return {};
    story_.referral_id = listed->referrals(0).referral_id();
    const auto referral = story_.Referral();
    EXPECT_THAT(referral, IsOk());
    return referral.ok() ? referral->referral() : ref::Referral();
  }

  // The events of an inbox about one referral, once it was told to end.
  static std::vector<std::string> End(Subprocess& inbox, const std::string& referral) {
    inbox.Kill(SIGTERM);
    std::vector<std::string> events;
    for (const auto line : absl::StrSplit(inbox.ReadAll(), '\n', absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      EXPECT_GE(words.size(), 2u) << line;
      if (words.size() < 2) continue;
      EXPECT_EQ(words[1], referral) << line;
      events.push_back(words[0]);
    }
    EXPECT_EQ(inbox.Wait(kPatience), 0);
    return events;
  }

  // Whatever was told how often.
  static auto ActedOnce() {
    return AllOf(Contains("fetched").Times(1), Contains("accepted").Times(1),
                 Contains("closed").Times(1));
  }

  static std::string NewId() { return ids::Uuid::Random().ToString(); }

  static std::unique_ptr<Programme> programme_;
  Story story_{*programme_};
  const std::string inbox_address_ = absl::StrCat("127.0.0.1:", FreePort());
};

std::unique_ptr<Programme> ClientsTest::programme_;

TEST_P(ClientsTest, AVolunteerCallsAPartnerHelpsAndTheCoordinatorSeesIt) {
  ASSERT_NO_FATAL_FAILURE(OpenCampaign());
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = StartInbox();

  // Nothing is due as long as two others hold the two households.
  Enrol("noor");
  Hold("sacha");
  const pb::Lease held = Hold("camille");
  const auto volunteer = Run("volunteer", story_.campaign.campaign_id(), "noor");
  const auto refused = volunteer->WaitForLine("LeaseNextCall: NO_CALL_DUE", kPatience);
  const absl::Time asked = absl::Now();
  ASSERT_TRUE(refused.has_value());
  EXPECT_THAT(*refused, HasSubstr("again in 5 s"));
  Release("camille", held);
  const auto called = volunteer->WaitForLine("call ", kPatience);
  ASSERT_TRUE(called.has_value());
  EXPECT_GT(absl::Now() - asked, absl::Seconds(3)) << "it did not wait as long as it was told";
  EXPECT_THAT(*called, ::testing::MatchesRegex("[^ ]+ [^ ]+ at \\+33[0-9]+"));
  EXPECT_EQ(volunteer->WaitForLine("found ", kPatience), "NEED_MEALS URGENCY_ROUTINE shared=true");
  EXPECT_TRUE(volunteer->WaitForLine("recorded ", kPatience).has_value());
  EXPECT_EQ(volunteer->Wait(kPatience), 0);

  const ref::Referral referral = AwaitCompleted();
  EXPECT_EQ(referral.outcome(), com::REFERRAL_OUTCOME_HELPED);
  ASSERT_EQ(referral.assignments_size(), 1);
  EXPECT_EQ(referral.assignments(0).partner_id(), story_.partner_id);
  EXPECT_TRUE(referral.assignments(0).has_receive_time());
  EXPECT_TRUE(referral.assignments(0).has_accept_time());
  // And where the call was recorded.
  *story_.sheet.mutable_lease() = held;
  EXPECT_THAT(story_.AwaitOutcome(), IsOk());
  const auto explained = story_.Explain();
  ASSERT_THAT(explained, IsOk());
  ASSERT_EQ(explained->findings_size(), 1);
  EXPECT_EQ(explained->findings(0).referral_outcome(), com::REFERRAL_OUTCOME_HELPED);
  const auto worklist = story_.Worklist();
  ASSERT_THAT(worklist, IsOk());
  EXPECT_EQ(worklist->items_size(), 0);
  const auto events = End(*inbox, referral.referral_id());
  EXPECT_THAT(events, Contains("received"));
  EXPECT_THAT(events, ActedOnce());
}

TEST_P(ClientsTest, ANoticeThatComesAgainGetsTheSameReceiptAndNoSecondAct) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = StartInbox();
  ASSERT_THAT(CreateReferral(*programme_, story_.landlord_id, "31555"), IsOk());
  const ref::Referral referral = AwaitCompleted();

  partner::v1::DeliverReferralRequest request;
  request.set_delivery_id(NewId());
  request.set_referral_id(referral.referral_id());
  request.set_assignment_fence(1);
  request.set_version(1);
  const auto deliver = [&](const std::string& landlord) {
    return Connection(inbox_address_, {"service", "referral", landlord, ""}, kPatience)
        .Call(&partner::v1::ReferralInboxService::Stub::DeliverReferral, request);
  };
  const auto first = deliver(story_.landlord_id);
  const auto second = deliver(story_.landlord_id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->receipt_number(), "");
  EXPECT_EQ(first->receipt_number(), second->receipt_number());
  EXPECT_TRUE(absl::IsPermissionDenied(deliver(NewId()).status()));
  const auto events = End(*inbox, referral.referral_id());
  EXPECT_THAT(events, Contains("received").Times(::testing::Ge(3)));
  EXPECT_THAT(events, ActedOnce());
}

TEST_P(ClientsTest, AnInboxGoesOnWithWhatAnEarlierRunWasTold) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto created = CreateReferral(*programme_, story_.landlord_id, "31555");
  ASSERT_THAT(created, IsOk());
  {
    Inbox earlier(*programme_, inbox_address_, story_.landlord_id, story_.partner_id,
                  {"--receive-only"});
    ASSERT_TRUE(earlier.WaitFor("received"));
    ASSERT_TRUE(WaitUntil([&] {
      const auto listed = story_.Referrals();
      return listed.ok() && listed->referrals(0).state() == com::REFERRAL_STATE_RECEIVED;
    }));
    EXPECT_EQ(earlier.Stop(), 0);
  }
  const auto inbox = StartInbox();
  EXPECT_EQ(AwaitCompleted().referral_id(), *created);
  EXPECT_THAT(End(*inbox, *created), ::testing::ElementsAre("fetched", "accepted", "closed"));
}

TEST_P(ClientsTest, AnErrorIsToldByItsReasonAndEndsTheClient) {
  const auto unknown = Run("volunteer", NewId(), "noor");
  EXPECT_THAT(unknown->ReadAll(), StartsWith("LeaseNextCall: CAMPAIGN_NOT_FOUND: "));
  EXPECT_EQ(unknown->Wait(kPatience), 1);

  const auto malformed = Run("volunteer", "spring", "noor");
  EXPECT_THAT(malformed->ReadAll(),
              AllOf(StartsWith("LeaseNextCall: INVALID_FIELDS: "), HasSubstr("\n  campaign_id: ")));
  EXPECT_EQ(malformed->Wait(kPatience), 1);
}

INSTANTIATE_TEST_SUITE_P(Languages, ClientsTest,
                         ::testing::Values(Language{"node", "node", ".js"},
                                           Language{"python", "/usr/bin/python3", ".py"}),
                         [](const ::testing::TestParamInfo<Language>& language) {
                           return language.param.name;
                         });

}  // namespace
}  // namespace veille::e2e
