// What a partner hears of a referral that it has no more, and of one that is to be pushed again.

#include <gmock/gmock.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

class WithdrawalsTest : public ReferralFixture {
 protected:
  absl::StatusOr<pb::WithdrawReferralResponse> Withdraw(const std::string& referral) {
    pb::WithdrawReferralRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_note("Repris par la famille.");
    return Call(referrals_, &pb::ReferralService::Stub::WithdrawReferral, request, Coordinator());
  }
  absl::StatusOr<pb::RerouteReferralResponse> Reroute(const std::string& referral,
                                                      const std::string& partner = "") {
    pb::RerouteReferralRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_partner_id(partner);
    return Call(referrals_, &pb::ReferralService::Stub::RerouteReferral, request, Coordinator());
  }
  absl::StatusOr<pb::RedeliverReferralResponse> Redeliver(const std::string& referral) {
    pb::RedeliverReferralRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    return Call(referrals_, &pb::ReferralService::Stub::RedeliverReferral, request, Coordinator());
  }
  pb::ReplayDeliveriesRequest Replaying(const std::string& partner, absl::Time from) {
    pb::ReplayDeliveriesRequest request;
    request.set_request_id(NewId());
    request.set_partner_id(partner);
    request.mutable_from_time()->set_seconds(absl::ToUnixSeconds(from));
    return request;
  }
  absl::StatusOr<pb::ReplayDeliveriesResponse> Replay(const pb::ReplayDeliveriesRequest& request) {
    return Call(directory_, &pb::PartnerDirectoryService::Stub::ReplayDeliveries, request,
                Coordinator());
  }
  absl::Status Pause(const std::string& partner) {
    pb::PausePartnerRequest request;
    request.set_request_id(NewId());
    request.set_partner_id(partner);
    return Call(directory_, &pb::PartnerDirectoryService::Stub::PausePartner, request,
                Coordinator())
        .status();
  }
  absl::Status Resume(const std::string& partner) {
    pb::ResumePartnerRequest request;
    request.set_request_id(NewId());
    request.set_partner_id(partner);
    return Call(directory_, &pb::PartnerDirectoryService::Stub::ResumePartner, request,
                Coordinator())
        .status();
  }
  std::string CreateAccepted(const std::string& partner) {
    const std::string referral = CreateOne();
    EXPECT_THAT(Accept(partner, referral), IsOk());
    return referral;
  }
  static std::vector<std::string> PartnersOf(const pb::WorklistItem& item) {
    std::vector<std::string> partners;
    for (const pb::UntoldPartner& untold : item.untold_partners()) {
      EXPECT_EQ(untold.telephone(), "+33561000000");
      partners.push_back(untold.partner_id());
    }
    return partners;
  }
  bool BecomesReceived(const std::string& referral) {
    return WaitUntil([&] { return Read(referral).state() == common_pb::REFERRAL_STATE_RECEIVED; });
  }
  bool DeliveriesAre(const std::string& states) {
    return WaitUntil([&] {
      return Value(
                 "SELECT string_agg(state::text, ' ' ORDER BY assignment_fence) "
                 "FROM deliveries") == states;
    });
  }

  FakeInbox inbox_;
};

TEST_F(WithdrawalsTest, AWithdrawalReachesAPartnerThatHasIt) {
  const auto engine = StartEngine();
  Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string referral = CreateOne();
  ASSERT_TRUE(BecomesReceived(referral));
  inbox_.SetAnswer(
      [](const auto&, auto&) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now"); });
  const auto withdrawn = Withdraw(referral);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->referral().state(), common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_EQ(withdrawn->referral().withdrawal_note(), "Repris par la famille.");
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() >= 2; }));
  ASSERT_TRUE(DeliveriesAre("1"));
  inbox_.SetAnswer([](const auto&, auto&) { return grpc::Status::OK; });
  test_database_.MoveClock(absl::Seconds(20));
  ASSERT_TRUE(DeliveriesAre("5"));
  const auto notices = inbox_.notices();
  ASSERT_THAT(notices, SizeIs(3));
  EXPECT_FALSE(notices[0].withdrawn());
  EXPECT_TRUE(notices[2].withdrawn());
  EXPECT_EQ(notices[2].delivery_id(), notices[0].delivery_id());
  EXPECT_EQ(notices[2].referral_id(), referral);
  EXPECT_EQ(notices[2].assignment_fence(), 1);
  EXPECT_GT(notices[2].version(), notices[0].version());
  EXPECT_EQ(notices[2].need(), common_pb::NEED_UNSPECIFIED);
  EXPECT_FALSE(notices[2].has_partner_case());
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_CANCELLED);
  EXPECT_THAT(Withdraw(referral), ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
}

TEST_F(WithdrawalsTest, WhatNeverWentOutIsNotTold) {
  Register("CCAS", inbox_.address());
  ASSERT_THAT(Withdraw(CreateOne()), IsOk());
  ASSERT_TRUE(DeliveriesAre("5"));
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesReceived(CreateOne()));
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
}

// It may have arrived, whatever became of its answer.
TEST_F(WithdrawalsTest, APushInFlightIsFollowedByTheWithdrawal) {
  absl::Notification end;
  inbox_.SetAnswer([&](const auto& notice, auto&) {
    if (!notice.withdrawn()) end.WaitForNotification();
    return grpc::Status::OK;
  });
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  ASSERT_THAT(Withdraw(referral), IsOk());
  ASSERT_TRUE(DeliveriesAre("5"));
  end.Notify();
  EXPECT_TRUE(inbox_.notices()[1].withdrawn());
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_CANCELLED);
}

TEST_F(WithdrawalsTest, WhoAcceptedAtItsDeskBeforeThePushIsTold) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Withdraw(referral), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(DeliveriesAre("5"));
  ASSERT_THAT(inbox_.notices(), SizeIs(1));
  EXPECT_TRUE(inbox_.notices()[0].withdrawn());
}

TEST_F(WithdrawalsTest, ASupersededPartnerIsToldAndTheNextOneGetsTheCase) {
  FakeInbox other;
  const std::string first = Register("A", inbox_.address());
  const std::string second = Register("B", other.address());
  const auto engine = StartEngine();
  const std::string referral = CreateOne();
  ASSERT_TRUE(BecomesReceived(referral));
  const auto rerouted = Reroute(referral);
  ASSERT_THAT(rerouted, IsOk());
  EXPECT_EQ(rerouted->referral().assignments(1).partner_id(), second);
  ASSERT_TRUE(DeliveriesAre("5 3"));
  EXPECT_TRUE(inbox_.notices().back().withdrawn());
  EXPECT_FALSE(other.notices()[0].withdrawn());
  EXPECT_THAT(Accept(first, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  ASSERT_THAT(Accept(second, referral, 2), IsOk());

  EXPECT_THAT(Reroute(referral), ReasonIs(common_pb::ERROR_REASON_NO_OTHER_PARTNER));
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_THAT(Reroute(referral, NewId()), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  ASSERT_THAT(Reroute(referral, first), IsOk());  // to whom it was before
  ASSERT_TRUE(DeliveriesAre("5 5 3"));
  EXPECT_TRUE(other.notices().back().withdrawn());
  ASSERT_THAT(Accept(first, referral, 3), IsOk());
  ASSERT_THAT(Close(first, referral, 3), IsOk());
  EXPECT_THAT(Reroute(referral, second), ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
}

TEST_F(WithdrawalsTest, AMachineThatCannotBeToldIsACoordinatorsTask) {
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  const auto engine =
      StartEngine({.interval = absl::Milliseconds(20), .failures_before_rest = 1000});
  ASSERT_TRUE(BecomesReceived(referral));
  inbox_.SetAnswer(
      [](const auto&, auto&) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "closed"); });
  ASSERT_THAT(Withdraw(referral), IsOk());
  ASSERT_TRUE(WaitUntil([&] {
    test_database_.Query("UPDATE deliveries SET due_time = veille_now() WHERE state = 1");
    return !Worklist().empty();
  }));
  const pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_EQ(Value("SELECT tries >= 8 FROM deliveries"), "t");
  EXPECT_THAT(item.possible_decisions(), ElementsAre(pb::WORKLIST_DECISION_SEEN));
  EXPECT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_RETRY),
              ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
  EXPECT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
}

TEST_F(WithdrawalsTest, WhoHasNoMachineIsTelephoned) {
  const std::string partner = Register("CCAS");
  const std::string unheard = CreateOne();
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Withdraw(unheard), IsOk());
  ASSERT_THAT(Withdraw(referral), IsOk());
  const auto items = Worklist();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].referral_id(), referral);
  EXPECT_EQ(items[0].reason(), pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_EQ(items[0].telephone(), "");  // nobody has it
  EXPECT_THAT(PartnersOf(items[0]), ElementsAre(partner));
  EXPECT_EQ(items[0].untold_partners(0).assignment_fence(), 1);
}

TEST_F(WithdrawalsTest, OneItemNamesAllThatWereNotTold) {
  const std::string first = Register("A");
  const std::string second = Register("B");
  const std::string referral = CreateAccepted(first);
  ASSERT_THAT(Reroute(referral, second), IsOk());
  const pb::WorklistItem before = ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_THAT(PartnersOf(before), ElementsAre(first));
  ASSERT_THAT(Accept(second, referral, 2), IsOk());
  ASSERT_THAT(Withdraw(referral), IsOk());
  const pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_EQ(item.worklist_item_id(), before.worklist_item_id());
  EXPECT_THAT(PartnersOf(item), ElementsAre(first, second));
  EXPECT_NE(item.etag(), before.etag());
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  EXPECT_THAT(PartnersOf(Worklist(/*include_decided=*/true)[0]), IsEmpty());
}

TEST_F(WithdrawalsTest, ADeclineLeavesTheWithdrawalOfAnotherPartner) {
  FakeInbox other;
  const std::string first = Register("A", inbox_.address());
  const std::string second = Register("B", other.address());
  const std::string referral = CreateAccepted(first);
  ASSERT_THAT(Reroute(referral, second), IsOk());
  ASSERT_THAT(Decline(second, referral, 2), IsOk());
  ASSERT_TRUE(DeliveriesAre("1 5"));
  const auto engine = StartEngine();
  ASSERT_TRUE(DeliveriesAre("5 5"));
  ASSERT_THAT(inbox_.notices(), SizeIs(1));
  EXPECT_TRUE(inbox_.notices()[0].withdrawn());
  EXPECT_THAT(other.notices(), IsEmpty());
}

// It has another machine to wait for, which is no push to who has the case.
TEST_F(WithdrawalsTest, AWaitingWithdrawalDoesNotAnswerWhatIsAskedAboutTheNextPartner) {
  const std::string first = Register("A", inbox_.address());
  const std::string second = Register("B");
  const std::string referral = CreateAccepted(first);
  ASSERT_THAT(Reroute(referral, second), IsOk());
  const pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_RETRY), IsOk());
  ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
}

TEST_F(WithdrawalsTest, WhoIsPausedIsTelephonedAtOnceAndPushedToWhenItIsBack) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateAccepted(partner);
  ASSERT_THAT(Pause(partner), IsOk());
  ASSERT_THAT(Withdraw(referral), IsOk());
  EXPECT_THAT(PartnersOf(ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD)),
              ElementsAre(partner));
  EXPECT_EQ(Value("SELECT due_time FROM deliveries"), "infinity");  // no claim passes over it
  ASSERT_THAT(Resume(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(DeliveriesAre("5"));
  EXPECT_TRUE(inbox_.notices().back().withdrawn());
  EXPECT_THAT(Worklist(), SizeIs(1));
}

TEST_F(WithdrawalsTest, APauseTellsOnceOfTheWithdrawalsThatWait) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string withdrawn = CreateAccepted(partner);
  CreateAccepted(partner);
  CreateOne();
  ASSERT_THAT(Withdraw(withdrawn), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  ASSERT_THAT(Pause(partner), IsOk());
  ASSERT_THAT(Worklist(), SizeIs(1));
  const pb::WorklistItem item = ItemOf(withdrawn, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_THAT(PartnersOf(item), ElementsAre(partner));
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  ASSERT_THAT(Resume(partner), IsOk());
  ASSERT_THAT(Pause(partner), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(WithdrawalsTest, WhatWaitsForAnEndpointThatIsGoneIsTelephoned) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method");
  });
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string first = CreateAccepted(partner);
  const std::string second = CreateAccepted(partner);
  ASSERT_THAT(Withdraw(first), IsOk());
  ASSERT_THAT(Withdraw(second), IsOk());
  const auto engine = StartEngine({.interval = absl::Milliseconds(20), .most_per_partner = 1});
  ASSERT_TRUE(WaitUntil([&] { return Worklist().size() == 2; }));
  ItemOf(first, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  ItemOf(second, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
}

TEST_F(WithdrawalsTest, AWithdrawalAtTheMomentOfAPauseIsTelephoned) {
  const std::string partner = Register("CCAS", inbox_.address());
  for (int round = 0; round < 20; ++round) {
    const std::string referral = CreateAccepted(partner);
    absl::Status paused;
    std::thread other([&] { paused = Pause(partner); });
    EXPECT_THAT(Withdraw(referral), IsOk());
    other.join();
    ASSERT_THAT(paused, IsOk());
    ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
    ASSERT_THAT(Resume(partner), IsOk());
  }
}

TEST_F(WithdrawalsTest, WhoWasNotToldIsNoReasonToForgetTheCase) {
  const std::string first = Register("A");
  const std::string second = Register("B");
  const std::string referral = CreateAccepted(first);
  ASSERT_THAT(Reroute(referral, second), IsOk());
  ASSERT_THAT(Decline(second, referral, 2), IsOk());
  const pb::WorklistItem declined = ItemOf(referral, pb::WORKLIST_REASON_DECLINED);
  const pb::WorklistItem untold = ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  EXPECT_THAT(declined.possible_decisions(),
              ElementsAre(pb::WORKLIST_DECISION_ASSIGN, pb::WORKLIST_DECISION_RETRY,
                          pb::WORKLIST_DECISION_CANCEL));
  EXPECT_THAT(Decide(declined.worklist_item_id(), pb::WORKLIST_DECISION_SEEN),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_UNASSIGNED));
  EXPECT_THAT(untold.possible_decisions(), ElementsAre(pb::WORKLIST_DECISION_SEEN));
  EXPECT_THAT(Decide(untold.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  ItemOf(referral, pb::WORKLIST_REASON_DECLINED);
}

TEST_F(WithdrawalsTest, ARedeliveryIsTheSameDeliveryOnceMore) {
  Register("CCAS", inbox_.address());
  const auto engine = StartEngine();
  const std::string referral = CreateOne();
  ASSERT_TRUE(BecomesReceived(referral));
  ASSERT_THAT(Redeliver(referral), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 2; }));
  ASSERT_TRUE(DeliveriesAre("3"));
  EXPECT_EQ(inbox_.notices()[1].delivery_id(), inbox_.notices()[0].delivery_id());
  EXPECT_EQ(inbox_.notices()[1].version(), 2);
  EXPECT_EQ(Read(referral).version(), 2);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'RedeliverReferral'"), "1");
}

TEST_F(WithdrawalsTest, ARedeliveryAnswersWhatWasParked) {
  Register("CCAS", inbox_.address());
  // It was registered while there was TLS; without, it is not connected to.
  test_database_.Query("UPDATE partners SET endpoint = 'inbox.example:443'");
  const auto engine = StartEngine();
  const std::string referral = CreateOne();
  ASSERT_TRUE(DeliveriesAre("4"));
  ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED);
  test_database_.Query("UPDATE partners SET endpoint = '" + inbox_.address() + "'");
  ASSERT_THAT(Redeliver(referral), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  EXPECT_TRUE(BecomesReceived(referral));
}

TEST_F(WithdrawalsTest, WhatCannotBeRedelivered) {
  EXPECT_THAT(Redeliver(NewId()), ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  const std::string uncovered = CreateOne();
  EXPECT_THAT(Redeliver(uncovered), ReasonIs(common_pb::ERROR_REASON_REFERRAL_UNASSIGNED));
  Register("CCAS");
  EXPECT_THAT(Redeliver(CreateOne()), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_PUSHED_TO));
}

TEST_F(WithdrawalsTest, AReplayPushesAgainWhatAPartnerHasAndWhatWasTakenBack) {
  const std::string partner = Register("CCAS", inbox_.address());
  const auto engine = StartEngine();
  const absl::Time start = clock_.Now();
  const std::string closed = CreateOne();
  const std::string withdrawn = CreateOne();
  const std::string open = CreateOne();
  clock_.Advance(absl::Hours(1));
  const std::string later = CreateOne();
  ASSERT_THAT(Accept(partner, closed), IsOk());
  ASSERT_THAT(Close(partner, closed), IsOk());
  const auto received = [&](const std::string& count) {
    return WaitUntil(
        [&] { return Value("SELECT count(*) FROM deliveries WHERE state IN (3, 5)") == count; });
  };
  ASSERT_TRUE(received("4"));
  ASSERT_THAT(Withdraw(withdrawn), IsOk());
  ASSERT_TRUE(received("4"));
  const size_t before = inbox_.notices().size();
  const auto request = Replaying(partner, start);
  auto replayed = Replay(request);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->deliveries(), 3);
  ASSERT_TRUE(received("4"));
  std::vector<std::string> again;
  const auto notices = inbox_.notices();
  for (size_t i = before; i < notices.size(); ++i) {
    again.push_back(notices[i].referral_id());
    EXPECT_EQ(notices[i].withdrawn(), notices[i].referral_id() == withdrawn);
  }
  EXPECT_THAT(again, ::testing::UnorderedElementsAre(withdrawn, open, later));

  replayed = Replay(request);  // the same request
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->deliveries(), 0);
  replayed = Replay(Replaying(partner, start + absl::Minutes(30)));
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->deliveries(), 1);
  EXPECT_THAT(Replay(Replaying(partner, clock_.Now() + absl::Hours(1))),
              ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(Replay(Replaying(NewId(), start)),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
}

}  // namespace
}  // namespace veille::referral
