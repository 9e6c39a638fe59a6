// What partners do with their referrals.

#include <gmock/gmock.h>

#include <thread>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;

using Desk = partner_pb::PartnerDeskService::Stub;

class DeskTest : public ReferralFixture {
 protected:
  absl::StatusOr<partner_pb::GetMyReferralResponse> Get(const std::string& partner,
                                                        const std::string& referral) {
    partner_pb::GetMyReferralRequest request;
    request.set_referral_id(referral);
    return Call(desk_, &Desk::GetMyReferral, request, PartnerOf(partner));
  }
  std::vector<std::string> List(const std::string& partner,
                                std::vector<common_pb::ReferralState> states = {}) {
    partner_pb::ListMyReferralsRequest request;
    for (const auto state : states) request.add_states(state);
    const auto listed = Call(desk_, &Desk::ListMyReferrals, request, PartnerOf(partner));
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> ids;
    for (const auto& own : listed->cases()) {
      ids.push_back(own.referral_id());
      EXPECT_EQ(own.words(), "");
      EXPECT_FALSE(own.has_person());
    }
    return ids;
  }
  // In the order of the list below, by name.
  std::string first_ = Register("A", "127.0.0.1:7009");
  std::string second_ = Register("B", "127.0.0.1:7009");
};

TEST_F(DeskTest, FromRequestedToCompleted) {
  const std::string referral = CreateOne();
  const auto accepted = Accept(first_, referral);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_EQ(accepted->partner_case().state(), common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(accepted->partner_case().version(), 2);
  EXPECT_FALSE(accepted->partner_case().has_acknowledge_deadline_time());
  ASSERT_THAT(Start(first_, referral), IsOk());
  const auto closed = Close(first_, referral);
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->partner_case().state(), common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(closed->partner_case().outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  EXPECT_FALSE(closed->partner_case().has_person());

  const pb::Referral read = Read(referral);
  EXPECT_EQ(read.version(), 4);
  EXPECT_EQ(read.outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  const pb::Assignment& assignment = read.assignments(0);
  EXPECT_EQ(assignment.state(), pb::ASSIGNMENT_STATE_COMPLETED);
  EXPECT_EQ(assignment.note(), "Repas livrés chaque midi.");
  EXPECT_TRUE(assignment.has_receive_time());
  EXPECT_TRUE(assignment.has_accept_time());
  EXPECT_TRUE(assignment.has_end_time());
  EXPECT_EQ(Value("SELECT string_agg(state || '/' || actor, ' ' ORDER BY version) "
                  "FROM referral_events"),
            "1/2 3/1 4/1 5/1");
  EXPECT_EQ(Value("SELECT state FROM deliveries"), "3");
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "4");
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(DeskTest, AnAcceptedReferralMayBeClosedAtOnce) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(first_, referral), IsOk());
  EXPECT_THAT(Close(first_, referral), IsOk());
}

TEST_F(DeskTest, TheOwnCaseIsReadWithWhatItsNeedAllowsAndLeavesATrace) {
  const std::string meals = CreateOne();
  const std::string papers =
      CreateOne([](auto& request) { request.set_need(common_pb::NEED_ADMIN); });
  const auto read = Get(first_, meals);
  ASSERT_THAT(read, IsOk());
  const partner_pb::PartnerCase& own = read->partner_case();
  EXPECT_EQ(own.assignment_fence(), 1);
  EXPECT_EQ(own.words(), "Ne peut plus sortir faire ses courses.");
  EXPECT_EQ(own.person().family_name(), "Lefèvre");
  EXPECT_THAT(own.person().phones(), ElementsAre("+33561000001"));
  EXPECT_THAT(own.person().address_lines(), ElementsAre("12 rue des Lilas"));
  EXPECT_TRUE(own.has_acknowledge_deadline_time());
  EXPECT_THAT(Get(first_, papers)->partner_case().person().address_lines(), IsEmpty());
  EXPECT_EQ(Value("SELECT actor_role || ' ' || actor FROM audit_events "
                  "WHERE method = 'GetMyReferral' AND object_id = '" +
                  meals + "'"),
            "partner agent-7");
}

TEST_F(DeskTest, AReferralOfSomebodyElseIsNotThere) {
  const std::string referral = CreateOne();
  EXPECT_THAT(Get(first_, referral), IsOk());
  const auto others = Get(second_, referral);
  const auto unknown = Get(second_, NewId());
  EXPECT_THAT(others, ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  EXPECT_EQ(others.status(), unknown.status());  // word by word
  partner_pb::GetMyReferralRequest request;
  request.set_referral_id(referral);
  EXPECT_THAT(Call(desk_, &Desk::GetMyReferral, request, OfOtherLandlord(PartnerOf(first_))),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  for (const auto& refused :
       {Accept(second_, referral).status(), Decline(second_, referral).status(),
        Start(second_, referral).status(), Close(second_, referral).status(),
        Accept(first_, referral, /*fence=*/2).status()}) {
    EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  }
  EXPECT_EQ(Read(referral).version(), 1);
}

TEST_F(DeskTest, StepsOutOfOrderAreRefused) {
  const std::string referral = CreateOne();
  const auto illegal = ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION);
  EXPECT_THAT(Start(first_, referral), illegal);
  EXPECT_THAT(Close(first_, referral), illegal);
  ASSERT_THAT(Accept(first_, referral), IsOk());
  EXPECT_THAT(Accept(first_, referral), illegal);
  EXPECT_THAT(Decline(first_, referral), illegal);
  ASSERT_THAT(Start(first_, referral), IsOk());
  EXPECT_THAT(Start(first_, referral), illegal);
  ASSERT_THAT(Close(first_, referral), IsOk());
  EXPECT_THAT(Close(first_, referral), illegal);
  EXPECT_THAT(Accept(first_, referral), illegal);
  EXPECT_EQ(Value("SELECT count(*) FROM requests WHERE method LIKE '%Referral' AND "
                  "method <> 'CreateReferral'"),
            "3");
}

TEST_F(DeskTest, TheSameRequestIdAnswersTheSame) {
  const std::string referral = CreateOne();
  partner_pb::AcceptReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_assignment_fence(1);
  const auto first = Call(desk_, &Desk::AcceptReferral, request, PartnerOf(first_));
  const auto second = Call(desk_, &Desk::AcceptReferral, request, PartnerOf(first_));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_EQ(Read(referral).version(), 2);

  partner_pb::StartReferralRequest start;
  start.set_request_id(request.request_id());
  start.set_referral_id(referral);
  start.set_assignment_fence(1);
  EXPECT_THAT(Call(desk_, &Desk::StartReferral, start, PartnerOf(first_)),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
  request.set_referral_id(CreateOne());
  EXPECT_THAT(Call(desk_, &Desk::AcceptReferral, request, PartnerOf(first_)),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(DeskTest, OfManyAcceptancesAtOnceExactlyOneCounts) {
  const std::string referral = CreateOne();
  constexpr int kCallers = 12;
  std::vector<absl::Status> answers(kCallers);
  std::vector<std::thread> callers;
  for (size_t i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] { answers[i] = Accept(first_, referral).status(); });
  }
  for (std::thread& caller : callers) caller.join();
  int accepted = 0;
  for (const absl::Status& answer : answers) {
    accepted += answer.ok() ? 1 : 0;
    if (!answer.ok()) {
      EXPECT_THAT(answer, ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
    }
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(Read(referral).version(), 2);
}

TEST_F(DeskTest, ADeclinedReferralGoesToTheNextCoveringPartner) {
  const std::string referral = CreateOne();
  const auto declined = Decline(first_, referral);
  ASSERT_THAT(declined, IsOk());
  EXPECT_EQ(declined->partner_case().state(), common_pb::REFERRAL_STATE_REJECTED);
  EXPECT_TRUE(declined->partner_case().superseded());
  EXPECT_FALSE(declined->partner_case().has_person());
  EXPECT_EQ(declined->partner_case().words(), "");

  const pb::Referral read = Read(referral);
  EXPECT_EQ(read.state(), common_pb::REFERRAL_STATE_REQUESTED);
  ASSERT_EQ(read.assignments_size(), 2);
  EXPECT_EQ(read.assignments(0).state(), pb::ASSIGNMENT_STATE_DECLINED);
  EXPECT_EQ(read.assignments(0).decline_reason(), common_pb::DECLINE_REASON_NO_CAPACITY);
  EXPECT_EQ(read.assignments(0).note(), "Complet jusqu'à lundi.");
  EXPECT_EQ(read.assignments(1).partner_id(), second_);
  EXPECT_EQ(read.assignments(1).fence(), 2);
  EXPECT_EQ(Value("SELECT string_agg(state::text, ' ' ORDER BY assignment_fence) "
                  "FROM deliveries"),
            "5 1");
  EXPECT_EQ(Value("SELECT string_agg(open_referrals::text, ' ' ORDER BY partner_id) "
                  "FROM partner_loads"),
            "0 1");
  // A late answer of the first partner changes nothing.
  EXPECT_THAT(Accept(first_, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  EXPECT_THAT(Accept(second_, referral, /*fence=*/2), IsOk());
}

TEST_F(DeskTest, WhenNobodyIsLeftTheCoordinatorDecides) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Decline(first_, referral), IsOk());
  ASSERT_THAT(Decline(second_, referral, 2), IsOk());
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REJECTED);
  ItemOf(referral, pb::WORKLIST_REASON_DECLINED);
  EXPECT_THAT(Decline(second_, referral, 2), ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), "0");
}

TEST_F(DeskTest, PartnersThatDeclineAtOnceNeverWaitForEachOther) {
  std::vector<std::thread> callers;
  std::vector<std::string> referrals;
  for (int i = 0; i < 20; ++i) referrals.push_back(CreateOne());
  for (const std::string& referral : referrals) {
    callers.emplace_back([this, &referral] {
      EXPECT_THAT(Decline(first_, referral), IsOk());
      EXPECT_THAT(Decline(second_, referral, 2), IsOk());
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), "0");
  EXPECT_EQ(Worklist().size(), referrals.size());
}

TEST_F(DeskTest, ClosedWithoutHelpGoesToTheWorklist) {
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(first_, referral), IsOk());
  ASSERT_THAT(Close(first_, referral, 1, common_pb::REFERRAL_OUTCOME_COULD_NOT_HELP), IsOk());
  ItemOf(referral, pb::WORKLIST_REASON_NOT_HELPED);
}

TEST_F(DeskTest, ListsItsOwnNewestFirstAsItMayKnowThem) {
  const std::string first = CreateOne();
  const std::string second = CreateOne();
  ASSERT_THAT(Accept(first_, first), IsOk());
  EXPECT_THAT(List(first_), ElementsAre(second, first));
  EXPECT_THAT(List(first_, {common_pb::REFERRAL_STATE_ACCEPTED}), ElementsAre(first));
  EXPECT_THAT(List(second_), IsEmpty());

  ASSERT_THAT(Decline(first_, second), IsOk());
  ASSERT_THAT(Accept(second_, second, 2), IsOk());
  EXPECT_THAT(List(first_, {common_pb::REFERRAL_STATE_REJECTED}), ElementsAre(second));
  EXPECT_THAT(List(first_, {common_pb::REFERRAL_STATE_ACCEPTED}), ElementsAre(first));
  EXPECT_THAT(List(second_, {common_pb::REFERRAL_STATE_ACCEPTED}), ElementsAre(second));
}

TEST_F(DeskTest, ListsInPages) {
  for (int i = 0; i < 3; ++i) CreateOne();
  partner_pb::ListMyReferralsRequest request;
  request.set_page_size(2);
  const auto first = Call(desk_, &Desk::ListMyReferrals, request, PartnerOf(first_));
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->cases_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = Call(desk_, &Desk::ListMyReferrals, request, PartnerOf(first_));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->cases_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
}

}  // namespace
}  // namespace veille::referral
