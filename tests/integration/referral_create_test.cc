// Creating referrals, choosing a partner, reading them.

#include <gmock/gmock.h>

#include <thread>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;

using Referrals = pb::ReferralService::Stub;

class CreateReferralTest : public ReferralFixture {
 protected:
  std::vector<std::string> List(const pb::ListReferralsRequest& request) {
    const auto listed = Call(referrals_, &Referrals::ListReferrals, request, Coordinator());
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> ids;
    for (const pb::Referral& referral : listed->referrals()) ids.push_back(referral.referral_id());
    return ids;
  }
};

TEST_F(CreateReferralTest, AssignsItToTheCoveringPartnerInOneTransaction) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const pb::CreateReferralRequest request = Creation();
  const auto created = Create(request);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->version(), 1);
  EXPECT_EQ(created->state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(created->partner_id(), partner);
  EXPECT_FALSE(created->existing());

  const pb::Referral referral = Read(created->referral_id());
  EXPECT_EQ(referral.finding_id(), request.finding_id());
  EXPECT_EQ(referral.campaign_id(), campaign_);
  EXPECT_EQ(referral.household_id(), request.household_id());
  EXPECT_EQ(referral.tenant_id(), request.tenant_id());
  EXPECT_EQ(referral.commune_code(), "31555");
  EXPECT_EQ(referral.need(), common_pb::NEED_MEALS);
  EXPECT_EQ(referral.urgency(), common_pb::URGENCY_ROUTINE);
  EXPECT_EQ(referral.words(), request.words());
  EXPECT_EQ(referral.basis().agreement().SerializeAsString(),
            request.basis().agreement().SerializeAsString());
  ASSERT_EQ(referral.assignments_size(), 1);
  EXPECT_EQ(referral.assignments(0).partner_id(), partner);
  EXPECT_EQ(referral.assignments(0).fence(), 1);
  EXPECT_EQ(referral.assignments(0).state(), pb::ASSIGNMENT_STATE_OPEN);
  // Two working days: from Wednesday 08:00 to Thursday 17:00.
  EXPECT_EQ(referral.acknowledge_deadline_time().seconds(), 1585720800 + 33 * 3600);
  EXPECT_EQ(referral.etag(), "v1");

  EXPECT_EQ(Value("SELECT state || ':' || assignment_fence FROM deliveries"), "1:1");
  EXPECT_EQ(Value("SELECT topic FROM outbox"), "referral-update");
  EXPECT_EQ(Value("SELECT version || ':' || state || ':' || open_fence FROM referral_events"),
            "1:1:1");
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(CreateReferralTest, WithoutAPartnerItStandsOnTheWorklist) {
  const auto created = Create(Creation());
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(created->partner_id(), "");
  const pb::WorklistItem item = ItemOf(created->referral_id(), pb::WORKLIST_REASON_NO_PARTNER);
  EXPECT_EQ(item.need(), common_pb::NEED_MEALS);
  EXPECT_EQ(item.commune_code(), "31555");
  EXPECT_FALSE(Read(created->referral_id()).has_acknowledge_deadline_time());
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries"), "0");
}

TEST_F(CreateReferralTest, APartnerWithoutSoftwareIsToldByHand) {
  const std::string partner = Register("Voisins");
  const auto created = Create(Creation());
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->partner_id(), partner);
  ItemOf(created->referral_id(), pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries"), "0");
}

TEST_F(CreateReferralTest, AnEmergencyStandsFirstOnTheWorklistAtOnce) {
  Register("CCAS", "127.0.0.1:7009");
  CreateOne([](auto& request) { request.set_commune_code("09122"); });
  const std::string emergency = CreateOne([](auto& request) {
    request.set_urgency(common_pb::URGENCY_EMERGENCY);
    request.mutable_basis()->set_vital_interest_reason("Ne répond plus, porte fermée.");
  });
  const auto items = Worklist();
  ASSERT_EQ(items.size(), 2);
  EXPECT_EQ(items[0].referral_id(), emergency);
  EXPECT_EQ(items[0].reason(), pb::WORKLIST_REASON_EMERGENCY);
  EXPECT_EQ(Read(emergency).basis().vital_interest_reason(), "Ne répond plus, porte fermée.");
}

TEST_F(CreateReferralTest, ChoosesByNameAmongThoseWithRoom) {
  const std::string second = Register("Secours", "127.0.0.1:7009");
  const std::string first = Register("Mairie", "127.0.0.1:7009", /*capacity=*/1);
  EXPECT_EQ(Create(Creation())->partner_id(), first);
  EXPECT_EQ(Create(Creation())->partner_id(), second);
}

TEST_F(CreateReferralTest, AnArrondissementIsServedByItsCity) {
  pb::RegisterPartnerRequest request = Registration("Paris");
  request.mutable_partner()->mutable_coverage(0)->set_commune_codes(0, "75056");
  ASSERT_THAT(
      Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner, request, Coordinator()),
      IsOk());
  pb::CreateReferralRequest creation = Creation();
  creation.set_commune_code("75112");
  EXPECT_NE(Create(creation)->partner_id(), "");
}

TEST_F(CreateReferralTest, AFindingIsTakenOnce) {
  Register("CCAS", "127.0.0.1:7009");
  pb::CreateReferralRequest request = Creation();
  const auto first = Create(request);
  ASSERT_THAT(first, IsOk());
  const auto repeated = Create(request);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->SerializeAsString(), first->SerializeAsString());
  request.set_request_id(NewId());
  const auto under_another_id = Create(request);
  ASSERT_THAT(under_another_id, IsOk());
  EXPECT_EQ(under_another_id->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "1");
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "1");
}

TEST_F(CreateReferralTest, ARequestIdStandsForOneFinding) {
  pb::CreateReferralRequest request = Creation();
  ASSERT_THAT(Create(request), IsOk());
  request.set_finding_id(NewId());
  EXPECT_THAT(Create(request), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(CreateReferralTest, ASecondFindingOfTheSameSubjectAndNeedIsMerged) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const pb::CreateReferralRequest first = Creation();
  const auto created = Create(first);
  pb::CreateReferralRequest second = first;
  second.set_request_id(NewId());
  second.set_finding_id(NewId());
  const auto merged = Create(second);
  ASSERT_THAT(merged, IsOk());
  EXPECT_TRUE(merged->existing());
  EXPECT_EQ(merged->referral_id(), created->referral_id());
  EXPECT_EQ(merged->version(), 1);

  // The same answer also after the referral has ended; and then the need may be referred anew.
  ASSERT_THAT(Accept(partner, created->referral_id()), IsOk());
  ASSERT_THAT(Close(partner, created->referral_id()), IsOk());
  const auto repeated = Create(second);
  ASSERT_THAT(repeated, IsOk());
  EXPECT_EQ(repeated->referral_id(), created->referral_id());
  pb::CreateReferralRequest third = second;
  third.set_request_id(NewId());
  third.set_finding_id(NewId());
  const auto anew = Create(third);
  ASSERT_THAT(anew, IsOk());
  EXPECT_FALSE(anew->existing());
  EXPECT_NE(anew->referral_id(), created->referral_id());
}

TEST_F(CreateReferralTest, AMoreUrgentFindingMovesWhatStandsOnTheWorklistUp) {
  Register("Voisins");
  pb::CreateReferralRequest request = Creation();
  const auto first = Create(request);
  ASSERT_THAT(first, IsOk());
  const pb::WorklistItem before =
      ItemOf(first->referral_id(), pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(before.urgency(), common_pb::URGENCY_ROUTINE);
  CreateOne();
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_urgency(common_pb::URGENCY_PRIORITY);
  ASSERT_THAT(Create(request), IsOk());
  const auto items = Worklist();
  ASSERT_EQ(items.size(), 2);
  EXPECT_EQ(items[0].worklist_item_id(), before.worklist_item_id());
  EXPECT_EQ(items[0].urgency(), common_pb::URGENCY_PRIORITY);
  EXPECT_NE(items[0].etag(), before.etag());
}

TEST_F(CreateReferralTest, AMoreUrgentFindingRaisesTheOpenReferral) {
  Register("CCAS", "127.0.0.1:7009");
  const pb::CreateReferralRequest first = Creation();
  const auto created = Create(first);
  pb::CreateReferralRequest second = first;
  second.set_request_id(NewId());
  second.set_finding_id(NewId());
  second.set_urgency(common_pb::URGENCY_EMERGENCY);
  const auto merged = Create(second);
  ASSERT_THAT(merged, IsOk());
  EXPECT_EQ(merged->version(), 2);
  const pb::Referral referral = Read(created->referral_id());
  EXPECT_EQ(referral.urgency(), common_pb::URGENCY_EMERGENCY);
  EXPECT_EQ(referral.acknowledge_deadline_time().seconds(), 1585720800 + 15 * 60);
  ItemOf(created->referral_id(), pb::WORKLIST_REASON_EMERGENCY);
}

TEST_F(CreateReferralTest, AnotherNeedOrAnotherLandlordIsAnotherReferral) {
  const pb::CreateReferralRequest first = Creation();
  ASSERT_THAT(Create(first), IsOk());
  pb::CreateReferralRequest papers = first;
  papers.set_request_id(NewId());
  papers.set_finding_id(NewId());
  papers.set_need(common_pb::NEED_ADMIN);
  EXPECT_FALSE(Create(papers)->existing());
  const auto elsewhere =
      Call(referrals_, &Referrals::CreateReferral, first, OfOtherLandlord(CallTracking()));
  ASSERT_THAT(elsewhere, IsOk());
  EXPECT_FALSE(elsewhere->existing());
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "3");
}

TEST_F(CreateReferralTest, ManyAtOnceMakeOneReferral) {
  Register("CCAS", "127.0.0.1:7009");
  const pb::CreateReferralRequest base = Creation();
  constexpr int kCallers = 16;
  std::vector<absl::StatusOr<pb::CreateReferralResponse>> answers(kCallers, absl::UnknownError(""));
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      pb::CreateReferralRequest request = base;
      // Half repeat the finding under a new request id, half bring a finding of their own.
      request.set_request_id(NewId());
      if (i % 2 == 1) request.set_finding_id(NewId());
      answers[static_cast<size_t>(i)] = Create(request);
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->referral_id(), answers[0]->referral_id());
  }
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM assignments"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries"), "1");
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "1");
}

TEST_F(CreateReferralTest, CapacityHoldsUnderConcurrency) {
  Register("Mairie", "127.0.0.1:7009", /*capacity=*/3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 12; ++i) {
    callers.emplace_back([&] { EXPECT_THAT(Create(Creation()), IsOk()); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "3");
  EXPECT_EQ(Value("SELECT count(*) FROM assignments"), "3");
  EXPECT_EQ(Worklist().size(), 9);
}

TEST_F(CreateReferralTest, WhatIsPersonalIsSealedOrBytes) {
  CreateOne();
  const auto row = test_database_.Query(
      "SELECT get_byte(need, 0), get_byte(words, 0), get_byte(basis, 0), get_byte(contact, 0), "
      "octet_length(subject_need_blind) FROM referrals");
  EXPECT_THAT(row[0], ElementsAre("0", "0", "0", "0", "32"));
}

TEST_F(CreateReferralTest, ReadsLeaveATrace) {
  const std::string referral = CreateOne();
  Read(referral);
  EXPECT_EQ(Value("SELECT actor_role || ' ' || actor || ' ' || reason FROM audit_events WHERE "
                  "method = 'GetReferral' AND object_id = '" +
                  referral + "'"),
            "coordinator co-1 " + Coordinator().reason);
}

TEST_F(CreateReferralTest, ALookOutsideOnesOwnWorkNeedsAReason) {
  pb::GetReferralRequest request;
  request.set_referral_id(CreateOne());
  Identity silent = Coordinator();
  silent.reason = "";
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, request, silent),
              ReasonIs(common_pb::ERROR_REASON_REASON_REQUIRED));
  // To follow referrals is a coordinator's work.
  EXPECT_THAT(Call(referrals_, &Referrals::ListReferrals, {}, silent), IsOk());
  silent.role = "dpo";
  EXPECT_THAT(Call(referrals_, &Referrals::ListReferrals, {}, silent),
              ReasonIs(common_pb::ERROR_REASON_REASON_REQUIRED));
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'GetReferral' OR "
                  "actor_role = 'dpo'"),
            "0");
  silent.reason = "request to see what is kept";
  EXPECT_THAT(Call(referrals_, &Referrals::ListReferrals, {}, silent), IsOk());
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, request, Coordinator()), IsOk());
}

TEST_F(CreateReferralTest, AnotherLandlordsReferralIsNotThere) {
  pb::GetReferralRequest request;
  request.set_referral_id(CreateOne());
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, request, Coordinator()), IsOk());
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, request, OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  request.set_referral_id(NewId());
  EXPECT_THAT(Call(referrals_, &Referrals::GetReferral, request, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
}

TEST_F(CreateReferralTest, ListsNewestFirstByCampaignPartnerAndState) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const std::string oldest = CreateOne();
  const std::string uncovered = CreateOne([](auto& request) { request.set_commune_code("09122"); });
  const std::string other_campaign =
      CreateOne([](auto& request) { request.set_campaign_id(NewId()); });
  ASSERT_THAT(Accept(partner, oldest), IsOk());

  pb::ListReferralsRequest request;
  EXPECT_THAT(List(request), ElementsAre(other_campaign, uncovered, oldest));
  request.set_campaign_id(campaign_);
  EXPECT_THAT(List(request), ElementsAre(uncovered, oldest));
  request.set_partner_id(partner);
  EXPECT_THAT(List(request), ElementsAre(oldest));
  request.clear_campaign_id();
  EXPECT_THAT(List(request), ElementsAre(other_campaign, oldest));
  request.add_states(common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_THAT(List(request), ElementsAre(oldest));
  request.clear_partner_id();
  request.set_states(0, common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_THAT(List(request), IsEmpty());
}

TEST_F(CreateReferralTest, ListsByCommuneAndUrgencyAlone) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const std::string near = CreateOne();
  const std::string far = CreateOne([](auto& request) { request.set_commune_code("09122"); });
  const std::string urgent = CreateOne([](auto& request) {
    request.set_commune_code("09122");
    request.set_urgency(common_pb::URGENCY_PRIORITY);
  });
  pb::ListReferralsRequest request;
  request.add_commune_codes("09122");
  EXPECT_THAT(List(request), ElementsAre(urgent, far));
  request.add_commune_codes("31555");
  EXPECT_THAT(List(request), ElementsAre(urgent, far, near));
  request.add_urgencies(common_pb::URGENCY_ROUTINE);
  EXPECT_THAT(List(request), ElementsAre(far, near));
  // Together with each of the other filters.
  request.set_campaign_id(campaign_);
  EXPECT_THAT(List(request), ElementsAre(far, near));
  request.set_partner_id(partner);
  EXPECT_THAT(List(request), ElementsAre(near));
  request.set_urgencies(0, common_pb::URGENCY_PRIORITY);
  EXPECT_THAT(List(request), IsEmpty());
}

TEST_F(CreateReferralTest, ListsInPagesWithoutWords) {
  const std::string first = CreateOne();
  const std::string second = CreateOne();
  pb::ListReferralsRequest request;
  request.set_page_size(1);
  const auto page = Call(referrals_, &Referrals::ListReferrals, request, Coordinator());
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->referrals_size(), 1);
  EXPECT_EQ(page->referrals(0).referral_id(), second);
  EXPECT_EQ(page->referrals(0).words(), "");
  EXPECT_FALSE(page->referrals(0).has_basis());
  request.set_page_token(page->next_page_token());
  EXPECT_THAT(List(request), ElementsAre(first));
}

}  // namespace
}  // namespace veille::referral
