// Tests of partners' machines: an invented case goes the way of a real one, and leaves nothing
// behind.

#include <gmock/gmock.h>

#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;
using Directory = pb::PartnerDirectoryService::Stub;
using Desk = partner_pb::PartnerDeskService::Stub;

class PartnerTestsTest : public ReferralFixture {
 protected:
  std::string OnTrial(const std::string& name, const std::string& endpoint) {
    pb::RegisterPartnerRequest request = Registration(name);
    request.mutable_partner()->set_endpoint(endpoint);
    request.set_on_trial(true);
    const auto registered = Call(directory_, &Directory::RegisterPartner, request, Coordinator());
    EXPECT_THAT(registered, IsOk());
    return registered.ok() ? registered->partner().partner_id() : "";
  }
  absl::StatusOr<pb::PartnerTest> Test(const std::string& partner,
                                       const std::string& request_id = NewId()) {
    pb::TestPartnerRequest request;
    request.set_request_id(request_id);
    request.set_partner_id(partner);
    const auto begun = Call(directory_, &Directory::TestPartner, request, Coordinator());
    if (!begun.ok()) return begun.status();
    return begun->test();
  }
  pb::GetPartnerResponse Get(const std::string& partner) {
    pb::GetPartnerRequest request;
    request.set_partner_id(partner);
    const auto read = Call(directory_, &Directory::GetPartner, request, Coordinator());
    EXPECT_THAT(read, IsOk());
    return read.value_or(pb::GetPartnerResponse());
  }
  pb::PartnerState StateOf(const std::string& partner) { return Get(partner).partner().state(); }
  bool BecomesStage(const std::string& partner, pb::PartnerTestStage stage) {
    return WaitUntil([&] { return Get(partner).last_test().stage() == stage; });
  }
  bool BecomesProblem(const std::string& partner, pb::PartnerTestProblem problem) {
    return WaitUntil([&] { return Get(partner).last_test().problem() == problem; });
  }
  absl::StatusOr<partner_pb::PartnerCase> Fetch(const std::string& partner,
                                                const std::string& referral) {
    partner_pb::GetMyReferralRequest request;
    request.set_referral_id(referral);
    const auto read = Call(desk_, &Desk::GetMyReferral, request, PartnerOf(partner));
    if (!read.ok()) return read.status();
    return read->partner_case();
  }
  // Page by page.
  std::vector<std::string> ListedBy(const std::string& partner, int page_size,
                                    const std::vector<common_pb::ReferralState>& states) {
    std::vector<std::string> ids;
    partner_pb::ListMyReferralsRequest request;
    request.set_page_size(page_size);
    for (const auto state : states) request.add_states(state);
    do {
      const auto page = Call(desk_, &Desk::ListMyReferrals, request, PartnerOf(partner));
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      for (const auto& listed : page->cases()) {
        EXPECT_EQ(listed.words(), "");
        ids.push_back(listed.referral_id());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
  std::string Deliveries() { return Value("SELECT count(*) FROM deliveries"); }
  void Fail(grpc::StatusCode code) {
    inbox_.SetAnswer([code](const auto&, auto&) { return grpc::Status(code, "secret words"); });
  }
  void Pass(absl::Duration time) {
    passed_ += time;
    test_database_.MoveClock(passed_);
  }
  pb::CoverageAnswer CoverageOf31555() {
    pb::CheckCoverageRequest request;
    request.add_commune_codes("31555");
    request.add_needs(common_pb::NEED_MEALS);
    const auto checked = Call(directory_, &Directory::CheckCoverage, request, Coordinator());
    EXPECT_THAT(checked, IsOk());
    return checked.ok() ? checked->answers(0) : pb::CoverageAnswer();
  }

  FakeInbox inbox_;
  absl::Duration passed_;
};

TEST_F(PartnerTestsTest, APartnerOnTrialIsGivenNothingUntilItsMachineHasReceivedAndFetched) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);
  EXPECT_FALSE(Get(partner).has_last_test());
  EXPECT_THAT(CoverageOf31555().partner_ids(), IsEmpty());
  EXPECT_THAT(CoverageOf31555().full_partner_ids(), IsEmpty());
  EXPECT_THAT(CoverageOf31555().trial_partner_ids(), ElementsAre(partner));
  const std::string waiting = CreateOne();
  EXPECT_EQ(Read(waiting).assignments_size(), 0);
  EXPECT_THAT(Decide(ItemOf(waiting, pb::WORKLIST_REASON_NO_PARTNER).worklist_item_id(),
                     pb::WORKLIST_DECISION_ASSIGN, partner)
                  .status(),
              ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));

  const auto test = Test(partner);
  ASSERT_THAT(test, IsOk());
  EXPECT_EQ(test->stage(), pb::PARTNER_TEST_STAGE_WAITING);
  EXPECT_NE(test->test_id(), test->delivery_id());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  ASSERT_THAT(inbox_.notices(), SizeIs(1));
  const auto notice = inbox_.notices()[0];
  EXPECT_TRUE(notice.test());
  EXPECT_EQ(notice.referral_id(), test->test_id());
  EXPECT_EQ(notice.delivery_id(), test->delivery_id());
  EXPECT_EQ(notice.assignment_fence(), 1);
  EXPECT_EQ(notice.need(), common_pb::NEED_MEALS);
  EXPECT_FALSE(notice.has_partner_case());
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);

  const auto fetched = Fetch(partner, notice.referral_id());
  ASSERT_THAT(fetched, IsOk());
  EXPECT_TRUE(fetched->test());
  EXPECT_FALSE(fetched->has_person());
  EXPECT_EQ(fetched->state(), common_pb::REFERRAL_STATE_RECEIVED);
  EXPECT_EQ(Get(partner).last_test().stage(), pb::PARTNER_TEST_STAGE_FETCHED);
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_ACTIVE);
  EXPECT_THAT(CoverageOf31555().partner_ids(), ElementsAre(partner));
  EXPECT_EQ(Read(CreateOne()).assignments(0).partner_id(), partner);
}

TEST_F(PartnerTestsTest, WhoFetchesBeforeItsReceiptIsWrittenIsSwitchedOnByTheReceipt) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  absl::Status fetched;
  inbox_.SetAnswer([&](const auto& request, auto&) {
    fetched = Fetch(partner, request.referral_id()).status();
    return grpc::Status::OK;
  });
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  EXPECT_TRUE(WaitUntil([&] { return StateOf(partner) == pb::PARTNER_STATE_ACTIVE; }));
  EXPECT_THAT(fetched, IsOk());
  EXPECT_EQ(Get(partner).last_test().tries(), 1);
}

TEST_F(PartnerTestsTest, TheInventedCaseTakesEveryStepOfOneAndStandsNowhere) {
  const std::string partner = Register("CCAS", inbox_.address());
  const auto test = Test(partner);
  ASSERT_THAT(test, IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  const std::string& id = test->test_id();
  EXPECT_THAT(Close(partner, id), ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
  EXPECT_THAT(Accept(partner, id, /*fence=*/2),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  const auto accepted = Accept(partner, id);
  ASSERT_THAT(accepted, IsOk());
  EXPECT_TRUE(accepted->partner_case().test());
  EXPECT_THAT(Accept(partner, id), ReasonIs(common_pb::ERROR_REASON_ILLEGAL_TRANSITION));
  // An acceptance unseen is no proof that the case can be read.
  EXPECT_EQ(Get(partner).last_test().stage(), pb::PARTNER_TEST_STAGE_RECEIVED);
  EXPECT_THAT(Fetch(partner, id), IsOk());
  EXPECT_EQ(Get(partner).last_test().stage(), pb::PARTNER_TEST_STAGE_ACCEPTED);
  EXPECT_THAT(Start(partner, id), IsOk());
  const auto closed = Close(partner, id);
  ASSERT_THAT(closed, IsOk());
  EXPECT_EQ(closed->partner_case().outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  EXPECT_EQ(Fetch(partner, id)->outcome(), common_pb::REFERRAL_OUTCOME_HELPED);

  EXPECT_EQ(Deliveries(), "0");
  for (const char* table : {"referrals", "assignments", "worklist_items", "outbox"}) {
    EXPECT_EQ(Value(std::string("SELECT count(*) FROM ") + table), "0") << table;
  }
  EXPECT_EQ(Get(partner).partner().open_referrals(), 0);
  EXPECT_THAT(ListedBy(partner, 50, {}), ElementsAre(id));
  Pass(absl::Minutes(11));
  EXPECT_THAT(ListedBy(partner, 50, {}), IsEmpty());
  pb::GetReferralRequest read;
  read.set_referral_id(id);
  EXPECT_THAT(Call(referrals_, &pb::ReferralService::Stub::GetReferral, read, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
}

// A machine that is woken by a notice and asks for its list finds it there.
TEST_F(PartnerTestsTest, ItStandsBeforeThePartnersOwnReferralsWhateverThePage) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::vector<std::string> own = {CreateOne(), CreateOne()};
  const auto test = Test(partner);
  ASSERT_THAT(test, IsOk());
  for (const int page_size : {1, 2, 3, 50}) {
    const auto listed = ListedBy(partner, page_size, {});
    ASSERT_THAT(listed, SizeIs(3)) << page_size;
    EXPECT_EQ(listed[0], test->test_id());
    EXPECT_THAT(listed, ::testing::UnorderedElementsAre(test->test_id(), own[0], own[1]));
  }
  EXPECT_THAT(ListedBy(partner, 50, {common_pb::REFERRAL_STATE_REQUESTED}), SizeIs(3));
  EXPECT_THAT(ListedBy(partner, 50, {common_pb::REFERRAL_STATE_ACCEPTED}), IsEmpty());
}

TEST_F(PartnerTestsTest, ItIsThePartnersOwnAndEndsWithItsTime) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  const std::string other = Register("Secours", inbox_.address());
  const auto test = Test(partner);
  ASSERT_THAT(test, IsOk());
  const auto not_found = ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND);
  EXPECT_THAT(Fetch(other, test->test_id()), not_found);
  EXPECT_THAT(Accept(other, test->test_id()), not_found);
  Pass(absl::Minutes(11));
  EXPECT_THAT(Fetch(partner, test->test_id()), not_found);
  EXPECT_THAT(Accept(partner, test->test_id()), not_found);
  const auto engine = StartEngine();
  EXPECT_TRUE(WaitUntil([&] { return Deliveries() == "0"; }));
  EXPECT_THAT(inbox_.notices(), IsEmpty());
  const pb::PartnerTest over = Get(partner).last_test();
  EXPECT_TRUE(over.over());
  EXPECT_EQ(over.problem(), pb::PARTNER_TEST_PROBLEM_NOT_SENT);
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);
}

TEST_F(PartnerTestsTest, WhatIsReceivedAndNeverFetchedIsNotPassed) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  EXPECT_EQ(Get(partner).last_test().problem(), pb::PARTNER_TEST_PROBLEM_UNSPECIFIED);
  Pass(absl::Minutes(11));
  EXPECT_EQ(Get(partner).last_test().problem(), pb::PARTNER_TEST_PROBLEM_NOT_FETCHED);
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);
}

TEST_F(PartnerTestsTest, WhatMayPassIsTriedAgainAndToldMeanwhile) {
  Fail(grpc::StatusCode::UNAVAILABLE);
  const std::string partner = OnTrial("CCAS", inbox_.address());
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesProblem(partner, pb::PARTNER_TEST_PROBLEM_UNREACHABLE));
  const pb::PartnerTest failing = Get(partner).last_test();
  EXPECT_EQ(failing.stage(), pb::PARTNER_TEST_STAGE_SENT);
  EXPECT_EQ(failing.answer(), "UNAVAILABLE");
  EXPECT_FALSE(failing.over());
  inbox_.SetAnswer([](const auto&, auto&) { return grpc::Status::OK; });
  Pass(absl::Minutes(1));
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  EXPECT_EQ(Get(partner).last_test().problem(), pb::PARTNER_TEST_PROBLEM_UNSPECIFIED);
  EXPECT_EQ(Get(partner).last_test().tries(), 2);
  EXPECT_EQ(inbox_.notices()[0].delivery_id(), inbox_.notices()[1].delivery_id());
}

TEST_F(PartnerTestsTest, ARefusalIsToldAndTriedAgain) {
  Fail(grpc::StatusCode::PERMISSION_DENIED);
  const std::string partner = OnTrial("CCAS", inbox_.address());
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesProblem(partner, pb::PARTNER_TEST_PROBLEM_REFUSED));
  EXPECT_EQ(Get(partner).last_test().answer(), "PERMISSION_DENIED");
  EXPECT_FALSE(Get(partner).last_test().over());
}

TEST_F(PartnerTestsTest, WhereNoInboxIsServedTheTestEndsAndBothersNobody) {
  Fail(grpc::StatusCode::UNIMPLEMENTED);
  const std::string partner = OnTrial("CCAS", inbox_.address());
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesProblem(partner, pb::PARTNER_TEST_PROBLEM_NO_INBOX));
  const pb::PartnerTest ended = Get(partner).last_test();
  EXPECT_TRUE(ended.over());
  EXPECT_EQ(ended.answer(), "UNIMPLEMENTED");
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);
  EXPECT_EQ(Deliveries(), "0");
  EXPECT_THAT(Worklist(), IsEmpty());
}

// Five failures would make it rest, UNIMPLEMENTED would switch its endpoint off.
TEST_F(PartnerTestsTest, ATestOfAnActivePartnerChangesNothing) {
  Fail(grpc::StatusCode::UNIMPLEMENTED);
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string etag = Get(partner).partner().etag();
  const auto engine = StartEngine({.interval = absl::Milliseconds(20), .failures_before_rest = 1});
  ASSERT_THAT(Test(partner), IsOk());
  ASSERT_TRUE(BecomesProblem(partner, pb::PARTNER_TEST_PROBLEM_NO_INBOX));
  Fail(grpc::StatusCode::UNAVAILABLE);
  ASSERT_THAT(Test(partner), IsOk());
  ASSERT_TRUE(BecomesProblem(partner, pb::PARTNER_TEST_PROBLEM_UNREACHABLE));
  inbox_.SetAnswer([](const auto&, auto&) { return grpc::Status::OK; });
  ASSERT_THAT(Test(partner), IsOk());
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  ASSERT_THAT(Fetch(partner, Get(partner).last_test().test_id()), IsOk());
  EXPECT_EQ(Get(partner).partner().etag(), etag);
  EXPECT_EQ(Get(partner).partner().state(), pb::PARTNER_STATE_ACTIVE);
  EXPECT_EQ(Value("SELECT count(*) FROM partner_rests"), "0");
}

TEST_F(PartnerTestsTest, TheSameRequestTellsHowItStandsAndANewOneTakesItsPlace) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  const std::string request_id = NewId();
  const auto first = Test(partner, request_id);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Test(partner, request_id)->test_id(), first->test_id());
  const auto second = Test(partner);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->test_id(), first->test_id());
  EXPECT_EQ(Deliveries(), "1");
  EXPECT_EQ(Test(partner, request_id)->test_id(), second->test_id());
  EXPECT_THAT(Fetch(partner, first->test_id()),
              ReasonIs(common_pb::ERROR_REASON_REFERRAL_NOT_FOUND));
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  EXPECT_EQ(Test(partner, request_id)->stage(), pb::PARTNER_TEST_STAGE_RECEIVED);
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
}

// Paused while its push is in flight: that push still ends the test, as one of a case would.
TEST_F(PartnerTestsTest, WhoIsPausedOnTrialIsOnTrialAfterwards) {
  const std::string partner = OnTrial("CCAS", inbox_.address());
  ASSERT_THAT(Test(partner), IsOk());
  pb::PausePartnerRequest pause;
  pause.set_request_id(NewId());
  pause.set_partner_id(partner);
  ASSERT_THAT(Call(directory_, &Directory::PausePartner, pause, Coordinator()), IsOk());
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_SUSPENDED);
  EXPECT_THAT(Test(partner), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_PUSHED_TO));
  pb::ResumePartnerRequest resume;
  resume.set_request_id(NewId());
  resume.set_partner_id(partner);
  ASSERT_THAT(Call(directory_, &Directory::ResumePartner, resume, Coordinator()), IsOk());
  EXPECT_EQ(StateOf(partner), pb::PARTNER_STATE_TESTING);
  const auto engine = StartEngine();
  EXPECT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
}

TEST_F(PartnerTestsTest, WhoIsToldByHandHasNoMachineToTest) {
  EXPECT_THAT(Test(Register("CCAS")), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_PUSHED_TO));
  EXPECT_THAT(Test(NewId()), ReasonIs(common_pb::ERROR_REASON_PARTNER_NOT_FOUND));
  pb::RegisterPartnerRequest request = Registration("Mairie");
  request.set_on_trial(true);
  EXPECT_THAT(Call(directory_, &Directory::RegisterPartner, request, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
}

TEST_F(PartnerTestsTest, AFullNoticeHoldsTheInventedCaseAndNobody) {
  const std::string partner = Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  ASSERT_THAT(Test(partner), IsOk());
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesStage(partner, pb::PARTNER_TEST_STAGE_RECEIVED));
  const auto notice = inbox_.notices().at(0);
  EXPECT_TRUE(notice.partner_case().test());
  EXPECT_FALSE(notice.partner_case().has_person());
}

}  // namespace
}  // namespace veille::referral
