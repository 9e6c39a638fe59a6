// The delivery engine, with real inboxes at the other end.

#include <gmock/gmock.h>

#include "absl/synchronization/notification.h"
#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

class DeliveryTest : public ReferralFixture {
 protected:
  bool BecomesState(const std::string& referral, common_pb::ReferralState state) {
    return WaitUntil([&] { return Read(referral).state() == state; });
  }
  std::string DeliveryState() { return Value("SELECT state FROM deliveries"); }
  // A push of an engine to the inbox.
  Answer Send() {
    Claim claim;
    claim.endpoint = inbox_.address();
    return async::SyncWait(
        channel_.Send(claim, {}, absl::Now() + absl::Seconds(20), std::stop_token()));
  }

  FakeInbox inbox_;
};

TEST_F(DeliveryTest, AThinNoticeIsReceivedAndCallTrackingIsTold) {
  const auto engine = StartEngine();
  StartRelay();
  Register("CCAS", inbox_.address());
  const pb::CreateReferralRequest request = Creation();
  const std::string referral = Create(request)->referral_id();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));

  const auto notices = inbox_.notices();
  ASSERT_EQ(notices.size(), 1);
  EXPECT_EQ(notices[0].referral_id(), referral);
  EXPECT_EQ(notices[0].assignment_fence(), 1);
  EXPECT_EQ(notices[0].version(), 1);
  EXPECT_EQ(notices[0].need(), common_pb::NEED_MEALS);
  EXPECT_EQ(notices[0].urgency(), common_pb::URGENCY_ROUTINE);
  EXPECT_FALSE(notices[0].has_partner_case());
  EXPECT_EQ(Value("SELECT state || ' ' || tries || ' ' || receipt_number FROM deliveries"),
            "3 1 R-1");
  EXPECT_TRUE(Read(referral).assignments(0).has_receive_time());
  EXPECT_EQ(Value("SELECT string_agg(state || '/' || actor, ' ' ORDER BY version) "
                  "FROM referral_events"),
            "1/2 2/2");

  ASSERT_TRUE(WaitUntil([&] { return intake_.updates().size() == 2; }));
  const auto updates = intake_.updates();
  for (const auto& update : updates) {
    EXPECT_EQ(update.referral_id(), referral);
    EXPECT_EQ(update.finding_id(), request.finding_id());
    EXPECT_EQ(update.campaign_id(), campaign_);
    EXPECT_EQ(static_cast<int>(update.state()), update.version());  // REQUESTED 1, RECEIVED 2
    EXPECT_FALSE(update.not_covered());
  }
  EXPECT_NE(updates[0].request_id(), updates[1].request_id());
  EXPECT_EQ(intake_.landlords()[0], landlord_);
  EXPECT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
}

TEST_F(DeliveryTest, TheOutcomeGoesBackToCallTracking) {
  StartRelay();
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Close(partner, referral), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return intake_.updates().size() == 3; }));
  const auto updates = intake_.updates();
  EXPECT_TRUE(std::any_of(updates.begin(), updates.end(), [](const auto& update) {
    return update.version() == 3 && update.state() == common_pb::REFERRAL_STATE_COMPLETED &&
           update.outcome() == common_pb::REFERRAL_OUTCOME_HELPED;
  }));
}

TEST_F(DeliveryTest, AMergedFindingIsToldWhatBecomesOfItToo) {
  const std::string partner = Register("CCAS", inbox_.address());
  const pb::CreateReferralRequest first = Creation();
  pb::CreateReferralRequest second = first;
  second.set_request_id(NewId());
  second.set_finding_id(NewId());
  const std::string referral = Create(first)->referral_id();
  ASSERT_TRUE(Create(second)->existing());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  ASSERT_THAT(Accept(partner, referral), IsOk());
  StartRelay();
  const auto accepted = [&](const std::string& finding) {
    const auto updates = intake_.updates();
    return std::count_if(updates.begin(), updates.end(), [&](const auto& update) {
      return update.finding_id() == finding && update.version() >= 2;
    });
  };
  EXPECT_TRUE(WaitUntil([&] { return accepted(first.finding_id()) == 2; }));
  EXPECT_TRUE(WaitUntil([&] { return accepted(second.finding_id()) == 2; }));
}

TEST_F(DeliveryTest, AMoreUrgentFindingIsPushedAgainAlthoughItWasDelivered) {
  const auto engine = StartEngine();
  WakeWith(engine.get());
  const std::string partner = Register("CCAS", inbox_.address());
  const pb::CreateReferralRequest first = Creation();
  const std::string referral = Create(first)->referral_id();
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  ASSERT_THAT(Accept(partner, referral), IsOk());
  pb::CreateReferralRequest second = first;
  second.set_request_id(NewId());
  second.set_finding_id(NewId());
  ASSERT_TRUE(Create(second)->existing());  // as urgent as before: nothing new to tell
  second.set_request_id(NewId());
  second.set_finding_id(NewId());
  second.set_urgency(common_pb::URGENCY_PRIORITY);
  ASSERT_TRUE(Create(second)->existing());
  ASSERT_TRUE(WaitUntil([&] { return DeliveryState() == "3" && inbox_.notices().size() == 2; }));
  const auto notice = inbox_.notices()[1];
  EXPECT_EQ(notice.referral_id(), referral);
  EXPECT_EQ(notice.urgency(), common_pb::URGENCY_PRIORITY);
  EXPECT_EQ(notice.version(), 4);
  EXPECT_EQ(notice.assignment_fence(), 1);
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_ACCEPTED);
}

TEST_F(DeliveryTest, AnUncoveredReferralSaysSo) {
  StartRelay();
  CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return intake_.updates().size() == 1; }));
  EXPECT_TRUE(intake_.updates()[0].not_covered());
}

TEST_F(DeliveryTest, CreationWakesTheEngine) {
  const auto engine = StartEngine({.interval = absl::Hours(1)});
  WakeWith(engine.get());
  Register("CCAS", inbox_.address());
  CreateOne();
  EXPECT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  WakeWith(nullptr);
}

TEST_F(DeliveryTest, AFullCaseOnlyWhereRegisteredAndAudited) {
  const auto engine = StartEngine();
  Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string referral = CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  const auto notice = inbox_.notices()[0];
  EXPECT_EQ(notice.partner_case().person().family_name(), "Lefèvre");
  EXPECT_EQ(notice.partner_case().words(), "Ne peut plus sortir faire ses courses.");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'DeliverReferral' AND "
                  "object_id = '" +
                  referral + "'"),
            "1");
}

TEST_F(DeliveryTest, AnAcceptanceBeforeTheReceiptIsNotSetBack) {
  const std::string partner = Register("CCAS", inbox_.address());
  absl::Notification accepted;
  inbox_.SetAnswer([&](const auto&, auto&) {
    accepted.WaitForNotification();
    return grpc::Status::OK;
  });
  const std::string referral = CreateOne();
  auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  ASSERT_THAT(Accept(partner, referral), IsOk());
  accepted.Notify();
  engine.reset();  // waits for the end of the push
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(Read(referral).version(), 2);
  EXPECT_EQ(DeliveryState(), "3");
}

TEST_F(DeliveryTest, AReceiptForATakenBackAssignmentChangesNothing) {
  const std::string first = Register("A", inbox_.address());
  const std::string second = Register("B");
  absl::Notification declined;
  inbox_.SetAnswer([&](const auto&, auto&) {
    declined.WaitForNotification();
    return grpc::Status::OK;
  });
  const std::string referral = CreateOne();
  auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  ASSERT_THAT(Decline(first, referral), IsOk());
  declined.Notify();
  engine.reset();
  EXPECT_EQ(DeliveryState(), "5");
  const pb::Referral read = Read(referral);
  EXPECT_EQ(read.state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(read.assignments(1).partner_id(), second);
  EXPECT_FALSE(read.assignments(0).has_receive_time());
}

TEST_F(DeliveryTest, AnInboxThatIsDownIsTriedAgainUntilItIsThere) {
  const std::string address = [] { return FakeInbox().address(); }();  // nobody listens any more
  const auto engine = StartEngine();
  Register("CCAS", address);
  const std::string referral = CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT tries FROM deliveries") == "1"; }));
  ASSERT_TRUE(WaitUntil([&] { return DeliveryState() == "1"; }));
  EXPECT_EQ(Value("SELECT due_time > veille_now() FROM deliveries"), "t");
  FakeInbox back(address);
  test_database_.MoveClock(absl::Seconds(10));
  ASSERT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(DeliveryTest, ALongFailureIsToldOnceAndTriedOn) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "closed for the week-end");
  });
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  const auto engine =
      StartEngine({.interval = absl::Milliseconds(20), .failures_before_rest = 1000});
  // The waits are cut short; the tries are real.
  ASSERT_TRUE(WaitUntil([&] {
    test_database_.Query("UPDATE deliveries SET due_time = veille_now() WHERE state = 1");
    return std::stoi(Value("SELECT tries FROM deliveries")) >= 10;
  }));
  ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED);
  EXPECT_EQ(Worklist(/*include_decided=*/true).size(), 1);
}

// The engine that made the eighth try is gone with it. Once seen, it is told again only of what a
// person has pushed again since.
TEST_F(DeliveryTest, ALongFailureIsToldWhateverBecameOfTheEngineThatSawIt) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "closed for the week-end");
  });
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  test_database_.Query("UPDATE deliveries SET tries = 8");
  const auto engine =
      StartEngine({.interval = absl::Milliseconds(20), .failures_before_rest = 1000});
  const auto is_tried = [&](int tries) {
    return WaitUntil([&] {
      test_database_.Query("UPDATE deliveries SET due_time = veille_now() WHERE state = 1");
      return std::stoi(Value(
                 "SELECT coalesce(max(tries) FILTER (WHERE state = 1), 0) FROM deliveries")) >=
             tries;
    });
  };
  ASSERT_TRUE(is_tried(9));
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED).worklist_item_id();
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_SEEN), IsOk());
  ASSERT_TRUE(is_tried(12));
  EXPECT_TRUE(Worklist().empty());

  pb::RedeliverReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  ASSERT_THAT(
      Call(referrals_, &pb::ReferralService::Stub::RedeliverReferral, request, Coordinator()),
      IsOk());
  EXPECT_EQ(Value("SELECT told_tries FROM deliveries"), "0");
  ASSERT_TRUE(is_tried(8));
  ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED);
}

// A machine that refuses everything may be one whose certificates are being exchanged.
TEST_F(DeliveryTest, WhateverAPartnerAnswersItIsAskedAgain) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::UNAUTHENTICATED,
        grpc::StatusCode::NOT_FOUND, grpc::StatusCode::FAILED_PRECONDITION,
        grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::ALREADY_EXISTS,
        grpc::StatusCode::OUT_OF_RANGE, grpc::StatusCode::DATA_LOSS, grpc::StatusCode::UNAVAILABLE,
        grpc::StatusCode::INTERNAL}) {
    SCOPED_TRACE(code);
    inbox_.SetAnswer(
        [code](const auto&, auto&) { return grpc::Status(code, "not ours, as it seems"); });
    const Answer answer = Send();
    EXPECT_EQ(static_cast<int>(answer.receipt.status().code()), code);
    EXPECT_FALSE(answer.hopeless);
    EXPECT_FALSE(answer.gone);
  }
  const auto engine = StartEngine();
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT tries || ' ' || state FROM deliveries") == "1 1"; }));
  inbox_.SetAnswer([](const auto&, auto&) { return grpc::Status::OK; });
  test_database_.Query("UPDATE deliveries SET due_time = veille_now()");
  EXPECT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
}

// It was registered while there was TLS; now there is none.
TEST_F(DeliveryTest, NothingGoesInClearTextToAnotherMachine) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string remote = "0.0.0.0" + inbox_.address().substr(inbox_.address().rfind(':'));
  test_database_.Query("UPDATE partners SET endpoint = '" + remote + "'");
  const std::string referral = CreateOne();
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return DeliveryState() == "4"; }));
  EXPECT_THAT(inbox_.notices(), IsEmpty());
  // The same machine, named as what it is, gets it.
  const std::string item = ItemOf(referral, pb::WORKLIST_REASON_NOT_DELIVERED).worklist_item_id();
  test_database_.Query("UPDATE partners SET endpoint = '" + inbox_.address() + "'");
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_RETRY), IsOk());
  EXPECT_TRUE(BecomesState(referral, common_pb::REFERRAL_STATE_RECEIVED));
  EXPECT_EQ(inbox_.notices().size(), 1);
}

TEST_F(DeliveryTest, AReceiptNumberThatDoesNotFitIsLeftOut) {
  inbox_.SetAnswer([](const auto&, auto& response) {
    response.set_receipt_number(std::string(500, 'x'));
    return grpc::Status::OK;
  });
  const auto engine = StartEngine();
  Register("CCAS", inbox_.address());
  ASSERT_TRUE(BecomesState(CreateOne(), common_pb::REFERRAL_STATE_RECEIVED));
  EXPECT_EQ(Value("SELECT receipt_number FROM deliveries"), "");
}

TEST_F(DeliveryTest, ACaseThatDoesNotOpenIsParkedAloneAndDoesNotHideTheOthers) {
  const std::string partner = Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string lost = CreateOne();
  const std::string other = CreateOne();
  const std::string kept =
      Value("SELECT encode(need, 'hex') FROM referrals WHERE referral_id = '" + lost + "'");
  test_database_.Query(
      "UPDATE referrals SET need = '\\x07', words = '\\x07', contact = '\\x07' "
      "WHERE referral_id = '" +
      lost + "'");
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesState(other, common_pb::REFERRAL_STATE_RECEIVED));
  ASSERT_TRUE(WaitUntil([&] {
    return Value("SELECT state FROM deliveries WHERE referral_id = '" + lost + "'") == "4";
  }));
  EXPECT_EQ(inbox_.notices().size(), 1);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'DeliverReferral'"), "1");

  // It is seen in every list, and the coordinator may still decide about it.
  const pb::WorklistItem item = ItemOf(lost, pb::WORKLIST_REASON_NOT_DELIVERED);
  EXPECT_EQ(item.need(), common_pb::NEED_UNSPECIFIED);
  const pb::Referral read = Read(lost);
  EXPECT_TRUE(read.unreadable());
  EXPECT_EQ(read.need(), common_pb::NEED_UNSPECIFIED);
  EXPECT_EQ(read.assignments(0).delivery_state(), pb::DELIVERY_STATE_PARKED);
  EXPECT_EQ(read.assignments(0).delivery_tries(), 1);
  EXPECT_FALSE(Read(other).unreadable());
  const auto own =
      Call(desk_, &partner_pb::PartnerDeskService::Stub::ListMyReferrals, {}, PartnerOf(partner));
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->cases_size(), 2);
  partner_pb::GetMyReferralRequest request;
  request.set_referral_id(lost);
  EXPECT_THAT(Call(desk_, &partner_pb::PartnerDeskService::Stub::GetMyReferral, request,
                   PartnerOf(partner)),
              ReasonIs(common_pb::ERROR_REASON_INTERNAL));
  // As soon as it can be opened again, it goes its way.
  test_database_.Query("UPDATE referrals SET need = decode('" + kept +
                       "', 'hex'), words = '', contact = '' WHERE referral_id = '" + lost + "'");
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_RETRY), IsOk());
  EXPECT_TRUE(BecomesState(lost, common_pb::REFERRAL_STATE_RECEIVED));
}

TEST_F(DeliveryTest, WhatDoesNotOpenCanBeWithdrawn) {
  Register("CCAS", inbox_.address());
  const std::string lost = CreateOne();
  test_database_.Query("UPDATE referrals SET need = '\\x07'");
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return DeliveryState() == "4"; }));
  const std::string item = ItemOf(lost, pb::WORKLIST_REASON_NOT_DELIVERED).worklist_item_id();
  const auto cancelled =
      Decide(item, pb::WORKLIST_DECISION_CANCEL, "", "Illisible, reprise par téléphone.");
  ASSERT_THAT(cancelled, IsOk());
  EXPECT_EQ(cancelled->referral().state(), common_pb::REFERRAL_STATE_CANCELLED);
}

}  // namespace
}  // namespace veille::referral
