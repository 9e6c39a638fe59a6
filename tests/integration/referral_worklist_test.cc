// The coordinator's worklist and its decisions.

#include <gmock/gmock.h>

#include <thread>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

using Referrals = pb::ReferralService::Stub;

class WorklistTest : public ReferralFixture {
 protected:
  // A referral that no partner covers, and its item.
  std::string uncovered_ = CreateOne();
  std::string item_ = ItemOf(uncovered_, pb::WORKLIST_REASON_NO_PARTNER).worklist_item_id();
};

TEST_F(WorklistTest, AssignGivesItToThePartnerNamed) {
  // It is full, and is chosen all the same: a person decided.
  const std::string partner = Register("Voisins", "127.0.0.1:7009", /*capacity=*/1);
  CreateOne();
  const auto decided = Decide(item_, pb::WORKLIST_DECISION_ASSIGN, partner);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->item().state(), pb::WORKLIST_ITEM_STATE_DECIDED);
  EXPECT_EQ(decided->item().decision(), pb::WORKLIST_DECISION_ASSIGN);
  EXPECT_EQ(decided->item().decided_by(), "co-1");
  EXPECT_TRUE(decided->item().has_decide_time());
  EXPECT_EQ(decided->item().etag(), "v2");
  EXPECT_EQ(decided->referral().state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(decided->referral().version(), 2);
  ASSERT_EQ(decided->referral().assignments_size(), 1);
  EXPECT_EQ(decided->referral().assignments(0).partner_id(), partner);
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "2");
  EXPECT_THAT(Accept(partner, uncovered_), IsOk());
}

TEST_F(WorklistTest, AssignTakesItFromThePartnerThatHasIt) {
  const std::string old_partner = Register("A", "127.0.0.1:7009");
  const std::string new_partner = Register("B", "127.0.0.1:7009");
  const std::string referral =
      CreateOne([](auto& request) { request.set_urgency(common_pb::URGENCY_EMERGENCY); });
  ASSERT_THAT(Accept(old_partner, referral), IsOk());
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_EMERGENCY).worklist_item_id();
  const auto decided = Decide(item, pb::WORKLIST_DECISION_ASSIGN, new_partner);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->referral().state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(decided->referral().assignments(0).state(), pb::ASSIGNMENT_STATE_SUPERSEDED);
  const auto superseded = ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED);
  EXPECT_THAT(Start(old_partner, referral), superseded);
  EXPECT_THAT(Close(old_partner, referral), superseded);
  EXPECT_THAT(Accept(new_partner, referral, /*fence=*/2), IsOk());
  EXPECT_EQ(Value("SELECT string_agg(open_referrals::text, ' ' ORDER BY partner_id) "
                  "FROM partner_loads"),
            "0 1");

  partner_pb::GetMyReferralRequest request;
  request.set_referral_id(referral);
  const auto seen = Call(desk_, &partner_pb::PartnerDeskService::Stub::GetMyReferral, request,
                         PartnerOf(old_partner));
  ASSERT_THAT(seen, IsOk());
  EXPECT_TRUE(seen->partner_case().superseded());
  EXPECT_EQ(seen->partner_case().state(), common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_FALSE(seen->partner_case().has_person());
}

TEST_F(WorklistTest, RetryFindsAPartnerThatCoversItNow) {
  const std::string partner = Register("CCAS", "127.0.0.1:7009");
  const auto decided = Decide(item_, pb::WORKLIST_DECISION_RETRY);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->referral().assignments(0).partner_id(), partner);
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(WorklistTest, RetryThatFindsNobodyPutsItOnTheListAgain) {
  ASSERT_THAT(Decide(item_, pb::WORKLIST_DECISION_RETRY), IsOk());
  const pb::WorklistItem again = ItemOf(uncovered_, pb::WORKLIST_REASON_NO_PARTNER);
  EXPECT_NE(again.worklist_item_id(), item_);
  EXPECT_EQ(Worklist(/*include_decided=*/true).size(), 2);
}

TEST_F(WorklistTest, CancelWithdrawsTheReferral) {
  const auto decided = Decide(item_, pb::WORKLIST_DECISION_CANCEL, "", "Partie chez sa fille.");
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->referral().state(), common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(decided->item().note(), "Partie chez sa fille.");
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(WorklistTest, CancelTakesItFromThePartnerAndClearsItsOtherItems) {
  const std::string partner = Register("A");
  const std::string referral =
      CreateOne([](auto& request) { request.set_urgency(common_pb::URGENCY_EMERGENCY); });
  EXPECT_EQ(Worklist().size(), 3);
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_EMERGENCY).worklist_item_id();
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_CANCEL, "", "Doublon."), IsOk());
  EXPECT_EQ(Worklist().size(), 1);
  EXPECT_THAT(Accept(partner, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "0");
}

TEST_F(WorklistTest, SeenLeavesTheReferralAsItIs) {
  Register("Voisins");  // told by hand, and somebody has told it
  const std::string referral = CreateOne();
  const std::string item =
      ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id();
  const auto decided = Decide(item, pb::WORKLIST_DECISION_SEEN);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->referral().version(), 1);
  EXPECT_EQ(Worklist().size(), 1);
  EXPECT_EQ(Worklist(/*include_decided=*/true).size(), 2);
}

TEST_F(WorklistTest, AnAssignmentAnswersWhatElseWasOpenAboutTheOneBefore) {
  const std::string referral =
      CreateOne([](auto& request) { request.set_urgency(common_pb::URGENCY_EMERGENCY); });
  const std::string emergency = ItemOf(referral, pb::WORKLIST_REASON_EMERGENCY).worklist_item_id();
  const std::string by_hand = Register("Voisins");
  ASSERT_THAT(Decide(emergency, pb::WORKLIST_DECISION_ASSIGN, by_hand), IsOk());
  // No longer "no partner"; but somebody must tell the new one.
  ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(Worklist().size(), 2);
  EXPECT_EQ(Value("SELECT decision || ' ' || decided_by FROM worklist_items WHERE reason = 2 "
                  "AND referral_id = '" +
                  referral + "'"),
            "1 co-1");
}

TEST_F(WorklistTest, SaysWhereTheReferralStandsAndWhatMayBeDecided) {
  const pb::WorklistItem uncovered = ItemOf(uncovered_, pb::WORKLIST_REASON_NO_PARTNER);
  EXPECT_EQ(uncovered.referral_state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(uncovered.partner_id(), "");
  EXPECT_THAT(uncovered.possible_decisions(),
              ElementsAre(pb::WORKLIST_DECISION_ASSIGN, pb::WORKLIST_DECISION_RETRY,
                          pb::WORKLIST_DECISION_CANCEL));
  const std::string partner = Register("Voisins");
  const std::string referral =
      CreateOne([](auto& request) { request.set_urgency(common_pb::URGENCY_EMERGENCY); });
  ASSERT_THAT(Accept(partner, referral), IsOk());
  const pb::WorklistItem accepted = ItemOf(referral, pb::WORKLIST_REASON_EMERGENCY);
  EXPECT_EQ(accepted.referral_state(), common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(accepted.partner_id(), partner);
  EXPECT_THAT(accepted.possible_decisions(),
              ElementsAre(pb::WORKLIST_DECISION_ASSIGN, pb::WORKLIST_DECISION_CANCEL,
                          pb::WORKLIST_DECISION_SEEN));
  const auto decided = Decide(accepted.worklist_item_id(), pb::WORKLIST_DECISION_SEEN);
  ASSERT_THAT(decided, IsOk());
  EXPECT_THAT(decided->item().possible_decisions(), IsEmpty());
}

TEST_F(WorklistTest, WhatHasEndedIsNotGivenToAnybody) {
  const std::string partner = Register("A", "127.0.0.1:7009");
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Close(partner, referral, 1, common_pb::REFERRAL_OUTCOME_NOT_REACHED), IsOk());
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_NOT_HELPED).worklist_item_id();
  const auto illegal = ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION);
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_ASSIGN, partner), illegal);
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_RETRY), illegal);
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_CANCEL, "", "Doublon."), illegal);
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "0");
  EXPECT_THAT(Decide(item, pb::WORKLIST_DECISION_SEEN), IsOk());
}

TEST_F(WorklistTest, UnknownItemsAndPartnersAreNotFound) {
  EXPECT_THAT(Decide(NewId(), pb::WORKLIST_DECISION_SEEN),
              ReasonIs(common_pb::ERROR_REASON_WORKLIST_ITEM_NOT_FOUND));
  EXPECT_THAT(Decide(item_, pb::WORKLIST_DECISION_ASSIGN, NewId()),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  pb::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  request.set_worklist_item_id(item_);
  request.set_decision(pb::WORKLIST_DECISION_RETRY);
  EXPECT_THAT(
      Call(referrals_, &Referrals::DecideWorklistItem, request, OfOtherLandlord(Coordinator())),
      ReasonIs(common_pb::ERROR_REASON_WORKLIST_ITEM_NOT_FOUND));
  EXPECT_THAT(Call(referrals_, &Referrals::DecideWorklistItem, request, Coordinator()), IsOk());
}

TEST_F(WorklistTest, AnItemIsDecidedOnceAndTheSameRequestIdAnswersTheSame) {
  pb::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  request.set_worklist_item_id(item_);
  request.set_etag("v7");
  request.set_decision(pb::WORKLIST_DECISION_RETRY);
  EXPECT_THAT(Call(referrals_, &Referrals::DecideWorklistItem, request, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  request.set_etag("v1");
  const auto first = Call(referrals_, &Referrals::DecideWorklistItem, request, Coordinator());
  const auto second = Call(referrals_, &Referrals::DecideWorklistItem, request, Coordinator());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_THAT(Decide(item_, pb::WORKLIST_DECISION_SEEN),
              ReasonIs(common_pb::ERROR_REASON_WORKLIST_ITEM_DECIDED));
}

TEST_F(WorklistTest, OfManyDecisionsAtOnceExactlyOneCounts) {
  const std::string partner = Register("A", "127.0.0.1:7009");
  std::vector<absl::Status> answers(8);
  std::vector<std::thread> callers;
  for (absl::Status& answer : answers) {
    callers.emplace_back(
        [&] { answer = Decide(item_, pb::WORKLIST_DECISION_ASSIGN, partner).status(); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& s) { return s.ok(); }), 1);
  EXPECT_EQ(Read(uncovered_).assignments_size(), 1);
}

TEST_F(WorklistTest, ADecisionDoesNotShowWhatTheTenantSaid) {
  ASSERT_NE(Read(uncovered_).words(), "");
  Register("CCAS", "127.0.0.1:7009");
  const auto decided = Decide(item_, pb::WORKLIST_DECISION_RETRY);
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->referral().words(), "");
  EXPECT_FALSE(decided->referral().has_basis());

  pb::RedeliverReferralRequest once_more;
  once_more.set_request_id(NewId());
  once_more.set_referral_id(uncovered_);
  const auto pushed = Call(referrals_, &Referrals::RedeliverReferral, once_more, Coordinator());
  ASSERT_THAT(pushed, IsOk());
  EXPECT_EQ(pushed->referral().words(), "");
  EXPECT_FALSE(pushed->referral().has_basis());
}

TEST_F(WorklistTest, ADecisionThatIsRepeatedLeavesItsEventToo) {
  pb::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  request.set_worklist_item_id(item_);
  request.set_decision(pb::WORKLIST_DECISION_CANCEL);
  request.set_note("Doublon.");
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(Call(referrals_, &Referrals::DecideWorklistItem, request, Coordinator()), IsOk());
  }
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'DecideWorklistItem' "
                  "AND object_kind = 'referral'"),
            "2");
}

TEST_F(WorklistTest, EachReferralThatIsShownLeavesAnEventWithItsHousehold) {
  CreateOne();
  pb::ListWorklistRequest request;
  request.set_page_size(1);  // the other is not shown
  ASSERT_THAT(Call(referrals_, &Referrals::ListWorklist, request, Coordinator()), IsOk());
  const std::string shown = Value(
      "SELECT object_id || ' ' || household_id FROM audit_events WHERE object_kind = 'referral' "
      "AND method = 'ListWorklist' GROUP BY object_id, household_id");
  EXPECT_EQ(shown, Value("SELECT referral_id || ' ' || household_id FROM referrals "
                         "WHERE referral_id = '" +
                         uncovered_ + "'"));
}

TEST_F(WorklistTest, ListsTheMostUrgentFirstThenTheOldestInPages) {
  const auto urgent = [this](common_pb::Urgency urgency) {
    return CreateOne([urgency](auto& request) { request.set_urgency(urgency); });
  };
  const std::string priority = urgent(common_pb::URGENCY_PRIORITY);
  const std::string routine = urgent(common_pb::URGENCY_ROUTINE);
  const std::string emergency = urgent(common_pb::URGENCY_EMERGENCY);  // two items
  std::vector<std::string> order;
  pb::ListWorklistRequest request;
  request.set_page_size(2);
  do {
    const auto page = Call(referrals_, &Referrals::ListWorklist, request, Coordinator());
    ASSERT_THAT(page, IsOk());
    for (const pb::WorklistItem& item : page->items()) order.push_back(item.referral_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(order, (std::vector{emergency, emergency, priority, uncovered_, routine}));
  const auto others = Call(referrals_, &Referrals::ListWorklist, pb::ListWorklistRequest(),
                           OfOtherLandlord(Coordinator()));
  ASSERT_THAT(others, IsOk());
  EXPECT_EQ(others->items_size(), 0);
}

}  // namespace
}  // namespace veille::referral
