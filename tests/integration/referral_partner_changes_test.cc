// Changes of a partner that is registered, and what it can take.

#include <gmock/gmock.h>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::ReasonIs;

class PartnerChangesTest : public ReferralFixture {
 protected:
  absl::StatusOr<pb::SetCapacityResponse> SetIntake(const std::string& partner,
                                                    pb::PartnerIntake intake) {
    pb::SetCapacityRequest request;
    request.set_request_id(NewId());
    request.set_partner_id(partner);
    request.set_intake(intake);
    return Set(request);
  }
  absl::StatusOr<pb::SetCapacityResponse> Set(const pb::SetCapacityRequest& request) {
    return Call(directory_, &pb::PartnerDirectoryService::Stub::SetCapacity, request,
                Coordinator());
  }
  pb::UpdatePartnerRequest Update(const std::string& partner, const std::string& field) {
    pb::UpdatePartnerRequest request;
    request.set_request_id(NewId());
    request.mutable_partner()->set_partner_id(partner);
    request.mutable_update_mask()->add_paths(field);
    return request;
  }
  absl::StatusOr<pb::UpdatePartnerResponse> Call1(const pb::UpdatePartnerRequest& request) {
    return Call(directory_, &pb::PartnerDirectoryService::Stub::UpdatePartner, request,
                Coordinator());
  }
  std::string GivenTo(const std::string& referral) {
    const pb::Referral read = Read(referral);
    return read.assignments().empty() ? "" : read.assignments(0).partner_id();
  }
};

TEST_F(PartnerChangesTest, AFullPartnerIsGivenNothingAndAWaitingListComesLast) {
  const std::string first = Register("A");
  const std::string second = Register("B");
  EXPECT_EQ(GivenTo(CreateOne()), first);
  ASSERT_THAT(SetIntake(first, pb::PARTNER_INTAKE_WAITLIST), IsOk());
  EXPECT_EQ(GivenTo(CreateOne()), second);

  pb::CheckCoverageRequest question;
  question.add_commune_codes("31555");
  question.add_needs(common_pb::NEED_MEALS);
  auto checked =
      Call(directory_, &pb::PartnerDirectoryService::Stub::CheckCoverage, question, Coordinator());
  ASSERT_THAT(checked, IsOk());
  EXPECT_THAT(checked->answers(0).partner_ids(), ElementsAre(second, first));

  ASSERT_THAT(SetIntake(second, pb::PARTNER_INTAKE_FULL), IsOk());
  EXPECT_EQ(GivenTo(CreateOne()), first);
  ASSERT_THAT(SetIntake(first, pb::PARTNER_INTAKE_FULL), IsOk());
  const std::string left = CreateOne();
  const pb::WorklistItem item = ItemOf(left, pb::WORKLIST_REASON_NO_PARTNER);
  checked =
      Call(directory_, &pb::PartnerDirectoryService::Stub::CheckCoverage, question, Coordinator());
  ASSERT_THAT(checked, IsOk());
  EXPECT_TRUE(checked->answers(0).partner_ids().empty());
  EXPECT_THAT(checked->answers(0).full_partner_ids(), ElementsAre(first, second));

  // A coordinator may choose it all the same; and it may open again.
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_ASSIGN, second), IsOk());
  EXPECT_EQ(GivenTo(left), second);
  ASSERT_THAT(SetIntake(second, pb::PARTNER_INTAKE_OPEN), IsOk());
  EXPECT_EQ(GivenTo(CreateOne()), second);
}

TEST_F(PartnerChangesTest, CapacityCountsAndIsKeptWhenItIsNotNamed) {
  const std::string partner = Register("A");
  pb::SetCapacityRequest request;
  request.set_request_id(NewId());
  request.set_partner_id(partner);
  request.set_intake(pb::PARTNER_INTAKE_OPEN);
  request.set_capacity(1);
  auto set = Set(request);
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->partner().capacity(), 1);
  EXPECT_EQ(GivenTo(CreateOne()), partner);
  ItemOf(CreateOne(), pb::WORKLIST_REASON_NO_PARTNER);
  set = SetIntake(partner, pb::PARTNER_INTAKE_WAITLIST);
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->partner().capacity(), 1);
  EXPECT_EQ(set->partner().intake(), pb::PARTNER_INTAKE_WAITLIST);
  // The first request again changes nothing.
  set = Set(request);
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->partner().intake(), pb::PARTNER_INTAKE_WAITLIST);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'SetCapacity'"), "2");

  request.set_request_id(NewId());
  request.set_etag("old");
  EXPECT_THAT(Set(request), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  EXPECT_THAT(SetIntake(NewId(), pb::PARTNER_INTAKE_OPEN),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  EXPECT_THAT(SetIntake(partner, pb::PARTNER_INTAKE_UNSPECIFIED),
              ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(PartnerChangesTest, AnUpdateChangesWhatItNamesAndNothingElse) {
  FakeInbox inbox;
  const std::string partner = Register("A", inbox.address(), 7);
  pb::UpdatePartnerRequest request = Update(partner, "coverage");
  pb::Coverage& coverage = *request.mutable_partner()->add_coverage();
  coverage.add_commune_codes("09122");
  coverage.add_needs(common_pb::NEED_SAFETY);
  request.mutable_partner()->set_name("ignored");
  auto updated = Call1(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->partner().name(), "A");
  EXPECT_EQ(updated->partner().capacity(), 7);
  EXPECT_EQ(updated->partner().endpoint(), inbox.address());
  ASSERT_EQ(updated->partner().coverage_size(), 1);
  EXPECT_THAT(updated->partner().coverage(0).commune_codes(), ElementsAre("09122"));
  ItemOf(CreateOne(), pb::WORKLIST_REASON_NO_PARTNER);  // of meals in 31555
  EXPECT_EQ(GivenTo(CreateOne([](auto& creation) {
              creation.set_commune_code("09122");
              creation.set_need(common_pb::NEED_SAFETY);
            })),
            partner);
}

TEST_F(PartnerChangesTest, AnUpdateIsHeldToTheRulesOfARegistration) {
  FakeInbox inbox;
  const std::string partner = Register("A", inbox.address());
  Register("B");
  const auto invalid = ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(Call1(Update(partner, "state")), invalid);
  EXPECT_THAT(Call1(Update(partner, "coverage")), invalid);  // it becomes empty
  EXPECT_THAT(Call1(Update(partner, "endpoint")), invalid);
  pb::UpdatePartnerRequest request = Update(partner, "name");
  request.mutable_partner()->set_name("B");
  EXPECT_THAT(Call1(request), ReasonIs(common_pb::ERROR_REASON_DUPLICATE_NAME));
  request.mutable_partner()->set_name("C");
  request.set_etag("old");
  EXPECT_THAT(Call1(request), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  request.clear_etag();
  EXPECT_THAT(Call(directory_, &pb::PartnerDirectoryService::Stub::UpdatePartner, request,
                   OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  ASSERT_THAT(Call1(request), IsOk());
}

}  // namespace
}  // namespace veille::referral
