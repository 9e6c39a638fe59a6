// Leasing: who gets which household, once, and gets it back.

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "integration/call_tracking_lease_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::AnyOf;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::WaitUntil;

using LeasesTest = LeaseFixture;

TEST_F(LeasesTest, GivesADueHouseholdWithItsCallSheet) {
  const RegisteredHousehold household = registry_.Add();
  const std::string campaign = RunCampaign();
  const std::string volunteer = Enrol();
  const auto leased = Lease(campaign);
  ASSERT_THAT(leased, IsOk());
  const pb::CallSheet& sheet = leased->call_sheet();
  EXPECT_EQ(sheet.lease().household_id(), household.id);
  EXPECT_EQ(sheet.lease().campaign_id(), campaign);
  EXPECT_EQ(sheet.lease().fence(), 1);
  EXPECT_EQ(sheet.lease().attempt_number(), 1);
  EXPECT_EQ(sheet.lease().phone_position(), 1);
  ASSERT_THAT(sheet.contact().tenants(), SizeIs(1));
  EXPECT_EQ(sheet.contact().tenants(0).tenant_id(), household.subjects[0]);
  EXPECT_TRUE(sheet.contact().tenants(0).subject());
  ASSERT_THAT(sheet.contact().phones(), SizeIs(1));
  EXPECT_EQ(sheet.contact().phones(0).e164(), "+33561000000");
  EXPECT_EQ(sheet.script_version(), 1);

  EXPECT_EQ(Value("SELECT state FROM cohort_households"), "LEASED");
  EXPECT_EQ(Value("SELECT volunteer_id FROM leases"), volunteer);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'LeaseNextCall' AND "
                  "actor = 'vo-1' AND object_id = '" +
                  household.id + "'"),
            "1");
  ASSERT_THAT(registry_.queries(), SizeIs(1));
  EXPECT_EQ(registry_.queries()[0].lease_id(), sheet.lease().lease_id());
}

TEST_F(LeasesTest, NobodyElseGetsIt) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  ASSERT_THAT(Lease(campaign, "vo-1"), IsOk());
  EXPECT_THAT(Lease(campaign, "vo-2"), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
}

TEST_F(LeasesTest, AskingAgainGivesTheLeaseThatOneHolds) {
  registry_.Add();
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string request_id = NewId();
  const auto first = LeaseAs(Volunteer(), campaign, request_id);
  ASSERT_THAT(first, IsOk());
  for (const std::string& id : {request_id, NewId()}) {
    const auto again = LeaseAs(Volunteer(), campaign, id);
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->call_sheet().lease().lease_id(), first->call_sheet().lease().lease_id());
    EXPECT_EQ(again->call_sheet().lease().fence(), first->call_sheet().lease().fence());
  }
  EXPECT_EQ(Value("SELECT count(*) FROM leases"), "1");
}

TEST_F(LeasesTest, EachRefusalHasItsReason) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  const std::string draft = CreateCampaign();
  Enrol();
  EXPECT_THAT(Lease(NewId()), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  EXPECT_THAT(Lease(campaign, "stranger"),
              ReasonIs(common_pb::ERROR_REASON_VOLUNTEER_NOT_ENROLLED));
  EXPECT_THAT(Lease(draft), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_RUNNING));
  EXPECT_THAT(LeaseAs(OfOtherLandlord(Volunteer()), campaign, NewId()),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_RUNNING));
  clock_.Advance(-absl::Hours(24 * 365));
  EXPECT_EQ(Value("SELECT count(*) FROM leases"), "0");
  EXPECT_THAT(Lease(campaign), IsOk());  // the positive control
}

TEST_F(LeasesTest, ARequestIdThatWasUsedForSomethingElseIsRefused) {
  registry_.Add();
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  const std::string request_id = NewId();
  ASSERT_THAT(LeaseAs(Volunteer("vo-1"), campaign, request_id), IsOk());
  EXPECT_THAT(LeaseAs(Volunteer("vo-2"), campaign, request_id),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_EQ(Value("SELECT count(*) FROM leases"), "1");
}

TEST_F(LeasesTest, TwoHouseholdsWithOnePhoneAreCalledOneAfterTheOther) {
  const RegisteredHousehold first = registry_.Add();
  RegisteredHousehold second = first;
  second.id = NewId();
  second.subjects = {NewId()};
  registry_.Add(second);
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  const auto held = Lease(campaign, "vo-1");
  ASSERT_THAT(held, IsOk());
  EXPECT_THAT(Lease(campaign, "vo-2"), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
  ASSERT_THAT(Send(Record(held->call_sheet())), IsOk());
  const auto other = Lease(campaign, "vo-2");
  ASSERT_THAT(other, IsOk());
  EXPECT_NE(other->call_sheet().lease().household_id(), held->call_sheet().lease().household_id());
}

TEST_F(LeasesTest, APhoneBeingCalledDoesNotHoldUpTheOthers) {
  const RegisteredHousehold first = registry_.Add();
  for (int i = 0; i < 5; ++i) {  // all at the head of the queue, all with the same phone
    RegisteredHousehold twin = first;
    twin.id = NewId();
    registry_.Add(twin);
  }
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  Enrol("vo-3");
  EXPECT_THAT(Lease(campaign, "vo-1"), IsOk());
  EXPECT_THAT(Lease(campaign, "vo-2"), IsOk());
  EXPECT_THAT(Lease(campaign, "vo-3"), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
  EXPECT_EQ(Value("SELECT count(DISTINCT phone_hash) FROM leases"), "2");
}

TEST_F(LeasesTest, OutsideCallHoursNothingIsDue) {
  registry_.Add();
  pb::CreateCampaignRequest creation = Creation(PublishScript());
  // One minute of the week, two days from now.
  const auto day = absl::ToCivilDay(clock_.Now() + absl::Hours(48), absl::UTCTimeZone());
  auto& window = *creation.mutable_campaign()->add_call_hours();
  window.set_weekday(static_cast<common_pb::Weekday>(static_cast<int>(absl::GetWeekday(day)) + 1));
  window.set_start_minute(720);
  window.set_end_minute(721);
  const auto created =
      Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, creation, Coordinator());
  ASSERT_THAT(created, IsOk());
  const std::string campaign = created->campaign().campaign_id();
  ASSERT_THAT(Open(campaign), IsOk());
  Enrol();
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));

  absl::TimeZone paris;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Paris", &paris));
  clock_.Set(absl::FromCivil(absl::CivilMinute(day) + 720, paris));
  EXPECT_THAT(Lease(campaign), IsOk());
  // A week later, when the span is over and the promoter has worked out the next.
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_TRUE(WaitUntil([&] {
    return Value("SELECT count(*) FROM campaign_zones WHERE open_until > to_timestamp(" +
                 std::to_string(absl::ToUnixSeconds(clock_.Now())) + ")") == "1";
  }));
}

// The first request's sheet fails only after the second request has shown the same lease.
TEST_F(LeasesTest, ARequestWhoseLeaseHasEndedIsToldSo) {
  registry_.Add();
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string request_id = NewId();
  const auto first = LeaseAs(Volunteer(), campaign, request_id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Send(Record(first->call_sheet())), IsOk());
  EXPECT_THAT(LeaseAs(Volunteer(), campaign, request_id),
              ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  const std::string other_id = NewId();
  const auto second = LeaseAs(Volunteer(), campaign, other_id);
  ASSERT_THAT(second, IsOk());
  // Also while another lease is held, which a new request would get.
  EXPECT_THAT(LeaseAs(Volunteer(), campaign, request_id),
              ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM leases WHERE state = 'LIVE'") == "0"; }));
  EXPECT_THAT(LeaseAs(Volunteer(), campaign, other_id),
              ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  EXPECT_EQ(Value("SELECT count(*) FROM leases"), "2");
}

TEST_F(LeasesTest, AnExpiredLeaseGoesBackIntoTheQueueWithAHigherFence) {
  const RegisteredHousehold household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  const pb::Lease lease = MustLease(campaign).lease();
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(WaitUntil([&] { return InQueue(household.id); }));
  EXPECT_EQ(Value("SELECT state FROM leases"), "EXPIRED");
  EXPECT_THAT(GetSheet(lease, Volunteer()), ReasonIs(common_pb::ERROR_REASON_LEASE_EXPIRED));
  EXPECT_THAT(Renew(Change<pb::RenewLeaseRequest>(lease), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_LEASE_EXPIRED));
  EXPECT_EQ(MustLease(campaign, "vo-2").lease().fence(), 2);
  EXPECT_THAT(GetSheet(lease, Volunteer()), ReasonIs(common_pb::ERROR_REASON_LEASE_LOST));
  EXPECT_THAT(Renew(Change<pb::RenewLeaseRequest>(lease), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_LEASE_LOST));
}

TEST_F(LeasesTest, RenewingExtendsALeaseFromNow) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const pb::Lease lease = MustLease(campaign).lease();
  test_database_.MoveClock(absl::Minutes(10));
  const auto request = Change<pb::RenewLeaseRequest>(lease);
  const auto renewed = Renew(request, Volunteer());
  ASSERT_THAT(renewed, IsOk());
  EXPECT_GE(renewed->lease().expire_time().seconds(), lease.expire_time().seconds() + 599);
  EXPECT_EQ(renewed->lease().fence(), lease.fence());
  EXPECT_EQ(renewed->lease().phone_position(), 1);
  const auto again = Renew(request, Volunteer());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->lease().expire_time().seconds(), renewed->lease().expire_time().seconds());
  test_database_.MoveClock(absl::Minutes(20));
  EXPECT_THAT(GetSheet(lease, Volunteer()), IsOk());
}

TEST_F(LeasesTest, OnlyItsHolderCanDoAnythingWithALease) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol("vo-1");
  Enrol("vo-2");
  const pb::Lease lease = MustLease(campaign).lease();
  for (const Identity& stranger :
       {Volunteer("vo-2"), Volunteer("unknown"), OfOtherLandlord(Volunteer())}) {
    EXPECT_THAT(GetSheet(lease, stranger), ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
    EXPECT_THAT(Renew(Change<pb::RenewLeaseRequest>(lease), stranger),
                ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
    EXPECT_THAT(Release(Change<pb::ReleaseLeaseRequest>(lease), stranger),
                ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
  }
  EXPECT_THAT(GetSheet(lease, Coordinator()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(GetSheet(lease, Volunteer()), IsOk());
}

TEST_F(LeasesTest, AWrongFenceIsRefused) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  pb::Lease lease = MustLease(campaign).lease();
  lease.set_fence(7);
  EXPECT_THAT(Renew(Change<pb::RenewLeaseRequest>(lease), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_FENCE_MISMATCH));
  EXPECT_THAT(Release(Change<pb::ReleaseLeaseRequest>(lease), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_FENCE_MISMATCH));
  EXPECT_EQ(Value("SELECT state FROM leases"), "LIVE");
}

TEST_F(LeasesTest, AReleasedHouseholdIsDueAgainAtOnce) {
  const RegisteredHousehold household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const pb::Lease lease = MustLease(campaign).lease();
  const auto request = Change<pb::ReleaseLeaseRequest>(lease);
  EXPECT_THAT(Release(request, Volunteer()), IsOk());
  EXPECT_THAT(Release(request, Volunteer()), IsOk());
  EXPECT_THAT(Release(Change<pb::ReleaseLeaseRequest>(lease), Volunteer()), IsOk());
  EXPECT_TRUE(InQueue(household.id));
  EXPECT_THAT(Renew(Change<pb::RenewLeaseRequest>(lease), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  EXPECT_EQ(MustLease(campaign).lease().fence(), 2);
}

TEST_F(LeasesTest, TwoHundredVolunteersAtOnceGetTwoHundredHouseholds) {
  constexpr int kVolunteers = 200;
  for (int i = 0; i < kVolunteers; ++i) registry_.Add();
  const std::string campaign = RunCampaign();
  test_database_.Query(absl::StrCat(
      "INSERT INTO volunteers (landlord_id, volunteer_id, subject, display_name, languages, "
      "create_time) SELECT '",
      landlord_,
      "', gen_random_uuid(), 'many-' || i, 'Many', '{fr}', now() FROM "
      "generate_series(0, ",
      kVolunteers - 1, ") AS i"));
  std::vector<absl::Status> statuses(kVolunteers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kVolunteers; ++i) {
    threads.emplace_back([&, i] {
      const std::string subject = absl::StrCat("many-", i);
      auto leased = Lease(campaign, subject);
      while (absl::IsNotFound(leased.status())) leased = Lease(campaign, subject);  // lost a race
      statuses[i] = leased.status();
      if (leased.ok()) statuses[i] = Send(Record(leased->call_sheet()), subject).status();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) EXPECT_THAT(status, IsOk());
  EXPECT_EQ(Value("SELECT count(*) || ' ' || count(DISTINCT household_id) FROM attempts"),
            "200 200");
  EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'RECORDED'"), "200");
  EXPECT_EQ(Value("SELECT count(*) FROM cohort_households WHERE state = 'DONE'"), "200");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_EQ(Report(campaign).attempts(), 200);
}

}  // namespace
}  // namespace veille::call_tracking
