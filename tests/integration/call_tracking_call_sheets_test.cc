// Call sheets: shown with a lease, read again while it lives, and what becomes of the lease when
// there is none to show.

#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "integration/call_tracking_lease_fixture.h"

namespace veille::call_tracking {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::StatusIs;
using testing::WaitUntil;

using CallSheetsTest = LeaseFixture;

TEST_F(CallSheetsTest, WithoutTheRegistryTheHouseholdIsGivenBack) {
  const RegisteredHousehold household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  registry_.Fail(true);
  const auto refused = Lease(campaign);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  EXPECT_EQ(Value("SELECT state FROM leases"), "RELEASED");
  EXPECT_TRUE(InQueue(household.id));
  registry_.Fail(false);
  const auto leased = Lease(campaign);
  ASSERT_THAT(leased, IsOk());
  EXPECT_EQ(leased->call_sheet().lease().fence(), 2);
  // A lease that one holds stays when the registry fails.
  registry_.Fail(true);
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'LIVE'"), "1");
}

TEST_F(CallSheetsTest, ALeaseThatAnotherRequestHasShownIsNotTakenBack) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  registry_.HoldNext();
  absl::Status first;
  std::thread asking([&] { first = Lease(campaign).status(); });
  ASSERT_TRUE(WaitUntil([&] { return registry_.holding(); }));
  const auto second = Lease(campaign);
  registry_.LetHeldFail();
  asking.join();
  EXPECT_THAT(first, ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(Value("SELECT state FROM leases"), "LIVE");
  EXPECT_THAT(GetSheet(second->call_sheet().lease(), Volunteer()), IsOk());
}

TEST_F(CallSheetsTest, AHouseholdThatTheRegisterHasNoMoreMakesWayForTheNext) {
  const RegisteredHousehold gone = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const pb::Lease lease = MustLease(campaign).lease();
  registry_.Remove(gone.id);
  EXPECT_THAT(GetSheet(lease, Volunteer()), ReasonIs(common_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
  EXPECT_EQ(Value("SELECT state FROM leases"), "RELEASED");
  EXPECT_FALSE(InQueue(gone.id));  // not offered again at once
}

TEST_F(CallSheetsTest, AFaultOfThisServiceIsNotBlamedOnTheRegistry) {
  const RegisteredHousehold household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  test_database_.Query(
      "ALTER TABLE campaigns DROP CONSTRAINT campaigns_script; "
      "DELETE FROM scripts");
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_INTERNAL));
  EXPECT_EQ(Value("SELECT state FROM leases"), "RELEASED");
  EXPECT_TRUE(InQueue(household.id));
}

TEST_F(CallSheetsTest, TheSheetOfAFinishedLeaseIsFinished) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const auto released = Lease(campaign);
  ASSERT_THAT(released, IsOk());
  const pb::Lease lease = released->call_sheet().lease();
  ASSERT_THAT(Release(Change<pb::ReleaseLeaseRequest>(lease), Volunteer()), IsOk());
  EXPECT_THAT(GetSheet(lease, Volunteer()), ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  const auto recorded = Lease(campaign);
  ASSERT_THAT(recorded, IsOk());
  ASSERT_THAT(Send(Record(recorded->call_sheet())), IsOk());
  EXPECT_THAT(GetSheet(recorded->call_sheet().lease(), Volunteer()),
              ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
}

TEST_F(CallSheetsTest, AHouseholdWithManyPhonesIsCalledByTheFirstTwenty) {
  RegisteredHousehold household = registry_.Add();
  registry_.Remove(household.id);
  for (int i = 0; i < 25; ++i) {
    household.phone_hashes.push_back(absl::StrCat(household.id.substr(0, 30), 10 + i));
  }
  registry_.Add(household);
  const std::string campaign = RunCampaign();
  Enrol();
  const auto leased = Lease(campaign);
  ASSERT_THAT(leased, IsOk());
  EXPECT_THAT(leased->call_sheet().contact().phones(), SizeIs(20));
  EXPECT_EQ(Value("SELECT length(phone_hashes) / 32 FROM cohort_households"), "20");
  pb::RecordCallRequest record = Record(leased->call_sheet());
  record.set_phone_position(20);
  EXPECT_THAT(Send(record), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
