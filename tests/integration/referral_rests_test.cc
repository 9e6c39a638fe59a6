// Partners that are left alone for a while: because they fail, because they ask for it, because
// their endpoint is gone.

#include <gmock/gmock.h>

#include "absl/synchronization/notification.h"
#include "common/status/errors.h"
#include "integration/referral_fixture.h"
#include "referral/domain/deadlines.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using testing::WaitUntil;

grpc::Status Failing(const partner_pb::DeliverReferralRequest&,
                     partner_pb::DeliverReferralResponse&) {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "closed for the week-end");
}
grpc::Status Fine(const partner_pb::DeliverReferralRequest&, partner_pb::DeliverReferralResponse&) {
  return grpc::Status::OK;
}

class RestsTest : public ReferralFixture {
 protected:
  RestsTest() {
    pb::RegisterPartnerRequest other = Registration("Elsewhere");
    other.mutable_partner()->mutable_coverage(0)->set_commune_codes(0, "09122");
    other.mutable_partner()->set_endpoint(other_inbox_.address());
    EXPECT_THAT(
        Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner, other, Coordinator()),
        IsOk());
  }

  // The engine has looked at everything that is due by now: a delivery to another partner, due
  // after it all, has come.
  bool EngineHasLooked() {
    const size_t before = other_inbox_.notices().size();
    CreateOne([](auto& request) { request.set_commune_code("09122"); });
    return WaitUntil([&] { return other_inbox_.notices().size() > before; });
  }
  void Pass(absl::Duration time) {
    passed_ += time;
    test_database_.MoveClock(passed_);
  }
  std::string Count(const std::string& where) {
    return Value(
        "SELECT count(*) FROM deliveries AS d JOIN partners AS p USING (landlord_id, "
        "partner_id) WHERE p.name = 'CCAS' AND " +
        where);
  }
  bool Rests() {
    return Value("SELECT count(*) FROM partner_rests WHERE until > veille_now()") == "1";
  }
  bool NothingIsSent() { return Count("d.state = 2") == "0"; }
  // However long each of them is put off: a push that was under way may still fail, and a rest that
  // it brings be written after it.
  bool AllArriveInTime(const std::string& count) {
    return WaitUntil([&] {
      if (NothingIsSent()) Pass(absl::Hours(2));
      return Count("d.state = 3") == count;
    });
  }
  pb::Partner Partner(const std::string& id) {
    pb::GetPartnerRequest request;
    request.set_partner_id(id);
    const auto read =
        Call(directory_, &pb::PartnerDirectoryService::Stub::GetPartner, request, Coordinator());
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->partner() : pb::Partner();
  }

  const EngineOptions quick_ = {.interval = absl::Milliseconds(20), .failures_before_rest = 3};
  FakeInbox inbox_;
  FakeInbox other_inbox_;
  absl::Duration passed_;
};

TEST_F(RestsTest, AfterSomeFailuresAPartnerRestsAndOnePushFindsOutWhetherItIsBack) {
  inbox_.SetAnswer(Failing);
  Register("CCAS", inbox_.address());
  for (int i = 0; i < 6; ++i) CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] { return Rests() && NothingIsSent(); }));
  const size_t pushed = inbox_.notices().size();
  CreateOne();
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_EQ(inbox_.notices().size(), pushed);
  EXPECT_EQ(Count("d.state = 1"), "7");

  absl::Notification seen;
  inbox_.SetAnswer([&](const auto&, auto&) {
    seen.WaitForNotification();
    return grpc::Status::OK;
  });
  Pass(absl::Seconds(30));
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == pushed + 1; }));
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_EQ(inbox_.notices().size(), pushed + 1);
  seen.Notify();
  EXPECT_TRUE(WaitUntil([&] { return Count("d.state = 3") == "7"; }));
  EXPECT_EQ(Value("SELECT count(*) FROM partner_rests"), "0");
}

// Two failures, a success, two failures: no three in a row.
TEST_F(RestsTest, AnAnswerBetweenFailuresKeepsAPartnerAwake) {
  std::atomic<int> calls = 0;
  inbox_.SetAnswer([&](const auto& request, auto& response) {
    return calls++ % 3 == 2 ? Fine(request, response) : Failing(request, response);
  });
  Register("CCAS", inbox_.address());
  EngineOptions one_by_one = quick_;
  one_by_one.most_per_partner = 1;
  for (int i = 0; i < 9; ++i) CreateOne();
  const auto engine = StartEngine(one_by_one);
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 9 && NothingIsSent(); }));
  EXPECT_EQ(Value("SELECT count(*) FROM partner_rests"), "0");
}

TEST_F(RestsTest, ARestCountsAsATryOfAllThatWaits) {
  inbox_.SetAnswer(Failing);
  Register("CCAS", inbox_.address());
  for (int i = 0; i < 6; ++i) CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] {
    if (NothingIsSent()) Pass(absl::Minutes(6));
    return Worklist().size() == 6;
  }));
  for (const pb::WorklistItem& item : Worklist()) {
    EXPECT_EQ(item.reason(), pb::WORKLIST_REASON_NOT_DELIVERED);
  }
  EXPECT_LT(inbox_.notices().size(), 6 * kTriesBeforeWorklist);
  inbox_.SetAnswer(Fine);
  EXPECT_TRUE(AllArriveInTime("6"));
}

// A rest that was not written, and the ones after it.
TEST_F(RestsTest, ALongWaitIsToldOnceHoweverManyTriesItHasHad) {
  inbox_.SetAnswer(Failing);
  Register("CCAS", inbox_.address());
  for (int i = 0; i < 6; ++i) CreateOne();
  test_database_.Query("UPDATE deliveries SET tries = 8");
  EngineOptions one_by_one = quick_;
  one_by_one.most_per_partner = 1;
  const auto engine = StartEngine(one_by_one);
  ASSERT_TRUE(WaitUntil([&] { return Worklist().size() == 6; }));
  for (const pb::WorklistItem& item : Worklist()) {
    ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  }
  ASSERT_TRUE(WaitUntil([&] {
    if (NothingIsSent()) Pass(absl::Minutes(6));
    return Count("d.tries >= 12") == "6";
  }));
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(RestsTest, WhatIsDownForAFortnightIsPushedWhenItIsBack) {
  inbox_.SetAnswer(Failing);
  Register("CCAS", inbox_.address());
  CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] {
    if (NothingIsSent()) Pass(absl::Hours(1));
    return passed_ > absl::Hours(24 * 15) && inbox_.notices().size() > 20;
  }));
  inbox_.SetAnswer(Fine);
  EXPECT_TRUE(AllArriveInTime("1"));
}

TEST_F(RestsTest, APartnerIsLeftAloneForAsLongAsItAsks) {
  const absl::Status busy =
      errors::WithRetry(absl::ResourceExhaustedError("too many"), absl::Hours(2));
  inbox_.SetAnswer([&](const auto&, auto&) { return rpc::ToGrpc(busy); });
  Register("CCAS", inbox_.address());
  CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] { return Rests() && NothingIsSent(); }));
  EXPECT_EQ(Value("SELECT until BETWEEN veille_now() + interval '119 min' AND "
                  "veille_now() + interval '2 h' FROM partner_rests"),
            "t");
  inbox_.SetAnswer(Fine);
  CreateOne();
  Pass(absl::Minutes(119));
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
  Pass(absl::Minutes(2));
  EXPECT_TRUE(WaitUntil([&] { return Count("d.state = 3") == "2"; }));
}

TEST_F(RestsTest, WhatIsAskedInTrailingMetadataCountsUpToADay) {
  inbox_.SetTrailer("grpc-retry-pushback-ms", "900000000");  // 250 hours
  inbox_.SetAnswer(Failing);
  Register("CCAS", inbox_.address());
  CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] { return Rests(); }));
  EXPECT_EQ(Value("SELECT until BETWEEN veille_now() + interval '23 h' AND "
                  "veille_now() + interval '24 h' FROM partner_rests"),
            "t");
}

TEST_F(RestsTest, AnEndpointThatIsGoneIsSwitchedOffUntilAPersonResumesIt) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method");
  });
  const std::string partner = Register("CCAS", inbox_.address());
  EngineOptions one_by_one = quick_;
  one_by_one.most_per_partner = 1;
  for (int i = 0; i < 3; ++i) CreateOne();
  const auto engine = StartEngine(one_by_one);
  ASSERT_TRUE(WaitUntil([&] { return Partner(partner).state() == pb::PARTNER_STATE_SUSPENDED; }));
  EXPECT_EQ(Partner(partner).suspension(), pb::PARTNER_SUSPENSION_ENDPOINT_GONE);
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
  EXPECT_EQ(Count("d.state = 4"), "1");
  EXPECT_EQ(Worklist().size(), 1);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE object_id = '" + partner +
                  "' AND method = 'DeliverReferral'"),
            "1");
  // It is given nothing more; another look does not wake it.
  ItemOf(CreateOne(), pb::WORKLIST_REASON_NO_PARTNER);
  ASSERT_THAT(Decide(Worklist()[0].worklist_item_id(), pb::WORKLIST_DECISION_RETRY), IsOk());
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_THAT(inbox_.notices(), SizeIs(1));
  EXPECT_THAT(Worklist(), SizeIs(2));

  inbox_.SetAnswer(Fine);
  pb::ResumePartnerRequest request;
  request.set_request_id(NewId());
  request.set_partner_id(partner);
  const auto resumed =
      Call(directory_, &pb::PartnerDirectoryService::Stub::ResumePartner, request, Coordinator());
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(resumed->partner().state(), pb::PARTNER_STATE_ACTIVE);
  EXPECT_EQ(resumed->partner().suspension(), pb::PARTNER_SUSPENSION_UNSPECIFIED);
  EXPECT_TRUE(WaitUntil([&] { return Count("d.state = 3") == "3"; }));
}

TEST_F(RestsTest, AnEndpointThatIsGoneIsPushedToAgainWhereItMovedTo) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method");
  });
  const std::string partner = Register("CCAS", inbox_.address());
  CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] { return Partner(partner).state() == pb::PARTNER_STATE_SUSPENDED; }));
  FakeInbox moved;
  pb::UpdatePartnerRequest request;
  request.set_request_id(NewId());
  request.mutable_partner()->set_partner_id(partner);
  request.mutable_partner()->set_endpoint(moved.address());
  request.mutable_update_mask()->add_paths("endpoint");
  ASSERT_THAT(
      Call(directory_, &pb::PartnerDirectoryService::Stub::UpdatePartner, request, Coordinator()),
      IsOk());
  EXPECT_TRUE(WaitUntil([&] { return Count("d.state = 3") == "1"; }));
  EXPECT_THAT(moved.notices(), SizeIs(1));
  EXPECT_EQ(Partner(partner).state(), pb::PARTNER_STATE_ACTIVE);
}

TEST_F(RestsTest, WhoRefusesEverythingRestsAndIsNotSuspended) {
  inbox_.SetAnswer([](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "not ours");
  });
  const std::string partner = Register("CCAS", inbox_.address());
  for (int i = 0; i < 6; ++i) CreateOne();
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM partner_rests") == "1"; }));
  EXPECT_EQ(Partner(partner).state(), pb::PARTNER_STATE_ACTIVE);
  EXPECT_EQ(Count("d.state = 4"), "0");
}

TEST_F(RestsTest, APausedPartnerIsPushedNothingUntilItIsResumed) {
  const std::string partner = Register("CCAS", inbox_.address());
  CreateOne();
  pb::PausePartnerRequest pause;
  pause.set_request_id(NewId());
  pause.set_partner_id(partner);
  const auto paused =
      Call(directory_, &pb::PartnerDirectoryService::Stub::PausePartner, pause, Coordinator());
  ASSERT_THAT(paused, IsOk());
  EXPECT_EQ(paused->partner().state(), pb::PARTNER_STATE_SUSPENDED);
  EXPECT_EQ(paused->partner().suspension(), pb::PARTNER_SUSPENSION_PAUSED);
  const auto engine = StartEngine(quick_);
  ASSERT_TRUE(EngineHasLooked());
  Pass(absl::Hours(24 * 30));
  ASSERT_TRUE(EngineHasLooked());
  EXPECT_THAT(inbox_.notices(), IsEmpty());
  ItemOf(CreateOne(), pb::WORKLIST_REASON_NO_PARTNER);

  pb::ResumePartnerRequest resume;
  resume.set_request_id(NewId());
  resume.set_partner_id(partner);
  ASSERT_THAT(
      Call(directory_, &pb::PartnerDirectoryService::Stub::ResumePartner, resume, Coordinator()),
      IsOk());
  EXPECT_TRUE(WaitUntil([&] { return Count("d.state = 3") == "1"; }));
  // Said again, the first request changes nothing.
  ASSERT_THAT(
      Call(directory_, &pb::PartnerDirectoryService::Stub::PausePartner, pause, Coordinator()),
      IsOk());
  EXPECT_EQ(Partner(partner).state(), pb::PARTNER_STATE_ACTIVE);
}

}  // namespace
}  // namespace veille::referral
