// ListMyOutcomes: what became of the cases that a volunteer's own calls flagged, and of no others.

#include <gmock/gmock.h>

#include "integration/call_tracking_flagged_fixture.h"

namespace veille::call_tracking {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class OutcomesTest : public FlaggedFixture {
 protected:
  absl::StatusOr<pb::ListMyOutcomesResponse> List(const Identity& identity, int page_size = 0,
                                                  const std::string& token = "") {
    pb::ListMyOutcomesRequest request;
    request.set_campaign_id(campaign_);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(calls_, &pb::CallService::Stub::ListMyOutcomes, request, identity);
  }
  void AddHouseholds(int count) {
    for (int i = 0; i < count; ++i) {
      RegisteredHousehold household = registry_.Add();
      registry_.Remove(household.id);
      household.id = NewId();
      household.subjects = {NewId()};
      household.phone_hashes = {NewId().substr(4, 32)};
      registry_.Add(household);
    }
    campaign_ = Run();
  }

  std::string campaign_;
};

TEST_F(OutcomesTest, AVolunteerSeesWhatBecameOfItsOwnCasesOnly) {
  AddHouseholds(2);
  Enrol("vo-1");
  Enrol("vo-2");
  const pb::Finding mine = Flag(campaign_, "vo-1");
  Flag(campaign_, "vo-2");
  auto listed = List(Volunteer("vo-1"));
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->cases(), SizeIs(1));
  EXPECT_EQ(listed->cases(0).finding_id(), mine.finding_id());
  EXPECT_EQ(listed->cases(0).need(), common_pb::NEED_MEALS);
  EXPECT_EQ(listed->cases(0).urgency(), common_pb::URGENCY_PRIORITY);
  EXPECT_TRUE(listed->cases(0).shared());
  EXPECT_EQ(listed->cases(0).find_time().seconds(), absl::ToUnixSeconds(start_));
  EXPECT_EQ(listed->cases(0).referral_outcome(), common_pb::REFERRAL_OUTCOME_UNSPECIFIED);

  clock_.Set(start_ + absl::Hours(1));
  ASSERT_TRUE(Applied(UpdateOf(campaign_, mine.finding_id(), NewId(), 4)));
  listed = List(Volunteer("vo-1"));
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(
      listed->cases(0).household_id(),
      Value("SELECT household_id FROM findings WHERE finding_id = '" + mine.finding_id() + "'"));
  EXPECT_EQ(listed->cases(0).referral_state(), common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(listed->cases(0).referral_outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  EXPECT_EQ(listed->cases(0).referral_time().seconds(),
            absl::ToUnixSeconds(start_ + absl::Hours(1)));
  EXPECT_EQ(listed->cases(0).verification(), pb::VERIFICATION_OPEN);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'ListMyOutcomes' "
                  "AND actor = 'vo-1' AND object_kind = 'household'"),
            "2");
}

TEST_F(OutcomesTest, ACaseThatIsNotSharedTellsWhatItWaitsFor) {
  AddHouseholds(1);
  Enrol();
  pb::RecordCallRequest record = Saying(MustLease(campaign_), "meals");
  Agree(record, record.answers(0).tenant_id(), common_pb::NEED_MEALS, false);
  ASSERT_THAT(Send(record), IsOk());
  const auto listed = List(Volunteer());
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->cases(), SizeIs(1));
  EXPECT_FALSE(listed->cases(0).shared());
  EXPECT_EQ(listed->cases(0).decision_reason(), pb::DECISION_REASON_NOT_AGREED);
}

TEST_F(OutcomesTest, OnlyNeedsArePagedTheNewestFirst) {
  AddHouseholds(6);
  Enrol();
  std::vector<std::string> flagged;
  for (int i = 0; i < 5; ++i) {
    clock_.Set(start_ + absl::Minutes(i / 2));  // two at the same time
    flagged.insert(flagged.begin(), Flag(campaign_).finding_id());
  }
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "well")), IsOk());  // nothing to tell of
  std::vector<std::string> listed;
  std::vector<int64_t> times;
  std::string token;
  do {
    const auto page = List(Volunteer(), 2, token);
    ASSERT_THAT(page, IsOk());
    for (const pb::FlaggedCase& one : page->cases()) {
      listed.push_back(one.finding_id());
      times.push_back(one.find_time().seconds());
    }
    EXPECT_LE(page->cases_size(), 2);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(flagged));
  EXPECT_TRUE(std::is_sorted(times.rbegin(), times.rend()));
}

TEST_F(OutcomesTest, StrangersSeeNothing) {
  AddHouseholds(1);
  Enrol();
  Flag(campaign_);
  const auto not_enrolled = ReasonIs(common_pb::ERROR_REASON_VOLUNTEER_NOT_ENROLLED);
  EXPECT_THAT(List(Volunteer("vo-9")), not_enrolled);
  EXPECT_THAT(List(OfOtherLandlord(Volunteer())), not_enrolled);
  EXPECT_THAT(List(Coordinator()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  test_database_.Query("UPDATE volunteers SET state = 'LEFT'");
  EXPECT_THAT(List(Volunteer()), not_enrolled);
  test_database_.Query("UPDATE volunteers SET state = 'ACTIVE'");
  campaign_ = NewId();
  const auto of_none = List(Volunteer());
  ASSERT_THAT(of_none, IsOk());
  EXPECT_EQ(of_none->cases_size(), 0);

  pb::ListMyOutcomesRequest broken;
  broken.set_page_size(-1);
  broken.set_page_token("x");
  const auto refused = Call(calls_, &pb::CallService::Stub::ListMyOutcomes, broken, Volunteer());
  EXPECT_THAT(FieldsOf(refused.status()),
              UnorderedElementsAre("campaign_id", "page_size", "page_token"));
}

}  // namespace
}  // namespace veille::call_tracking
