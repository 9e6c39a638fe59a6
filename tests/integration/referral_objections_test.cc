// Who objects is helped no further: what is open is withdrawn and its partner told, in whatever
// order the objection and the case arrive.

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "absl/synchronization/notification.h"
#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

class ObjectionsTest : public ReferralFixture {
 protected:
  // Of the household that every case here is about.
  pb::RecordHouseholdObjectionRequest Objection(int64_t version) const {
    pb::RecordHouseholdObjectionRequest request;
    request.set_request_id(NewId());
    request.set_household_id(household_);
    request.set_version(version);
    return request;
  }
  absl::Status Record(const pb::RecordHouseholdObjectionRequest& request) {
    return Call(referrals_, &pb::ReferralService::Stub::RecordHouseholdObjection, request,
                CallTracking())
        .status();
  }
  pb::CreateReferralRequest CaseOf(const std::string& tenant) const {
    pb::CreateReferralRequest request = Creation();
    request.set_household_id(household_);
    request.set_tenant_id(tenant);
    request.set_household_version(4);
    return request;
  }
  std::string CreateOf(const pb::CreateReferralRequest& request) {
    const auto created = Create(request);
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->referral_id() : "";
  }
  common_pb::ReferralState StateOf(const std::string& referral) { return Read(referral).state(); }
  std::string Delivery() { return Value("SELECT state FROM deliveries"); }

  const std::string household_ = NewId();
  const std::string odette_ = NewId();
  const std::string marcel_ = NewId();
  FakeInbox inbox_;
};

constexpr auto kCancelled = common_pb::REFERRAL_STATE_CANCELLED;
constexpr auto kRequested = common_pb::REFERRAL_STATE_REQUESTED;

TEST_F(ObjectionsTest, WhatNobodyHasReceivedNeverGoesOut) {
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOf(CaseOf(odette_));
  ASSERT_THAT(Record(Objection(5)), IsOk());
  const pb::Referral read = Read(referral);
  EXPECT_EQ(read.state(), kCancelled);
  EXPECT_TRUE(read.withdrawn_by_objection());
  EXPECT_EQ(read.assignments(0).state(), pb::ASSIGNMENT_STATE_SUPERSEDED);
  EXPECT_EQ(Value("SELECT actor FROM referral_events WHERE state = 7"), "6");
  EXPECT_EQ(Delivery(), "5");

  const auto engine = StartEngine();
  const std::string other = CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return StateOf(other) == common_pb::REFERRAL_STATE_RECEIVED; }));
  ASSERT_THAT(inbox_.notices(), SizeIs(1));
  EXPECT_EQ(inbox_.notices()[0].referral_id(), other);
}

TEST_F(ObjectionsTest, APartnerThatHasItIsTold) {
  const std::string partner = Register("CCAS", inbox_.address());
  const auto engine = StartEngine();
  StartRelay();
  const std::string referral = CreateOf(CaseOf(odette_));
  ASSERT_TRUE(WaitUntil([&] { return StateOf(referral) == common_pb::REFERRAL_STATE_RECEIVED; }));
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Record(Objection(5)), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Delivery() == "5"; }));
  EXPECT_TRUE(inbox_.notices().back().withdrawn());
  EXPECT_THAT(Start(partner, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "0");
  // Not the last of them, perhaps: those of one batch are sent side by side.
  EXPECT_TRUE(WaitUntil([&] {
    const auto updates = intake_.updates();
    return std::any_of(updates.begin(), updates.end(),
                       [](const auto& update) { return update.state() == kCancelled; });
  }));
}

TEST_F(ObjectionsTest, APartnerWithoutAMachineIsTelephoned) {
  const std::string partner = Register("CCAS");
  const std::string referral = CreateOf(CaseOf(odette_));
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Record(Objection(5)), IsOk());
  const auto items = Worklist();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].reason(), pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
}

// The claim is SENDING: its end finds its fence gone, and the withdrawal follows.
TEST_F(ObjectionsTest, APushInFlightIsFollowedByTheWithdrawal) {
  absl::Notification end;
  inbox_.SetAnswer([&](const auto& notice, auto&) {
    if (!notice.withdrawn()) end.WaitForNotification();
    return grpc::Status::OK;
  });
  Register("CCAS", inbox_.address(), 0, pb::PARTNER_PAYLOAD_FULL);
  const std::string referral = CreateOf(CaseOf(odette_));
  const auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  ASSERT_EQ(Delivery(), "2");
  ASSERT_THAT(Record(Objection(5)), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Delivery() == "5"; }));
  end.Notify();
  ASSERT_THAT(inbox_.notices(), SizeIs(2));
  EXPECT_TRUE(inbox_.notices()[1].withdrawn());
  EXPECT_FALSE(inbox_.notices()[1].has_partner_case());
  EXPECT_EQ(StateOf(referral), kCancelled);
}

TEST_F(ObjectionsTest, WhatWaitsForACoordinatorIsOver) {
  const std::string uncovered = CreateOf(CaseOf(odette_));
  ASSERT_THAT(Worklist(), SizeIs(1));
  ASSERT_THAT(Record(Objection(5)), IsOk());
  EXPECT_EQ(StateOf(uncovered), kCancelled);
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(ObjectionsTest, AnObjectionThatOvertakesTheCaseWins) {
  Register("CCAS", inbox_.address());
  const auto engine = StartEngine();
  StartRelay();
  ASSERT_THAT(Record(Objection(5)), IsOk());
  const pb::CreateReferralRequest request = CaseOf(odette_);
  const auto created = Create(request);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->state(), kCancelled);
  EXPECT_EQ(created->version(), 1);
  EXPECT_EQ(created->partner_id(), "");
  const pb::Referral read = Read(created->referral_id());
  EXPECT_TRUE(read.withdrawn_by_objection());
  EXPECT_EQ(read.words(), "");
  EXPECT_FALSE(read.unreadable());
  EXPECT_THAT(read.assignments(), IsEmpty());
  EXPECT_EQ(Value("SELECT length(contact) FROM referrals"), "0");
  EXPECT_THAT(Worklist(), IsEmpty());
  const auto again = Create(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->referral_id(), created->referral_id());
  EXPECT_TRUE(WaitUntil([&] { return !intake_.updates().empty(); }));
  EXPECT_EQ(intake_.updates()[0].state(), kCancelled);
  EXPECT_THAT(inbox_.notices(), IsEmpty());
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries"), "0");
}

// The register says so before the objection itself arrives.
TEST_F(ObjectionsTest, TheRegistersWordIsEnough) {
  Register("CCAS", inbox_.address());
  pb::CreateReferralRequest request = CaseOf(odette_);
  request.set_objection(true);
  EXPECT_EQ(StateOf(CreateOf(request)), kCancelled);
}

TEST_F(ObjectionsTest, OneThatWasTakenBackCountsNoMore) {
  Register("CCAS", inbox_.address());
  ASSERT_THAT(Record(Objection(3)), IsOk());
  EXPECT_EQ(StateOf(CreateOf(CaseOf(odette_))), kRequested);
  pb::CreateReferralRequest unknown = CaseOf(marcel_);
  unknown.clear_household_version();
  EXPECT_EQ(StateOf(CreateOf(unknown)), kCancelled);
}

TEST_F(ObjectionsTest, OfOneTenantIsAboutThatTenant) {
  Register("CCAS", inbox_.address());
  const std::string odettes = CreateOf(CaseOf(odette_));
  const std::string marcels = CreateOf(CaseOf(marcel_));
  const std::string others = CreateOne();
  auto objection = Objection(5);
  objection.add_tenant_ids(odette_);
  ASSERT_THAT(Record(objection), IsOk());
  EXPECT_EQ(StateOf(odettes), kCancelled);
  EXPECT_EQ(StateOf(marcels), kRequested);
  EXPECT_EQ(StateOf(others), kRequested);
  pb::CreateReferralRequest later = CaseOf(odette_);
  later.set_need(common_pb::NEED_ADMIN);
  EXPECT_EQ(StateOf(CreateOf(later)), kCancelled);
}

TEST_F(ObjectionsTest, IsTakenOnce) {
  Register("CCAS", inbox_.address());
  const auto objection = Objection(3);
  ASSERT_THAT(Record(objection), IsOk());
  const std::string later = CreateOf(CaseOf(odette_));
  ASSERT_THAT(Record(objection), IsOk());
  ASSERT_THAT(Record(Objection(3)), IsOk());
  EXPECT_EQ(StateOf(later), kRequested);
  EXPECT_EQ(Value("SELECT count(*) FROM objections"), "1");
  auto other = objection;
  other.set_household_id(NewId());
  EXPECT_THAT(Record(other), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(ObjectionsTest, ReachesItsOwnLandlordOnly) {
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOf(CaseOf(odette_));
  EXPECT_THAT(Call(referrals_, &pb::ReferralService::Stub::RecordHouseholdObjection, Objection(5),
                   OfOtherLandlord(CallTracking())),
              IsOk());
  EXPECT_EQ(StateOf(referral), kRequested);
  EXPECT_THAT(Call(referrals_, &pb::ReferralService::Stub::RecordHouseholdObjection, Objection(5),
                   Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
}

// However the two meet, none is left open.
TEST_F(ObjectionsTest, CasesThatAreMadeMeanwhileDoNotSlipThrough) {
  Register("CCAS", inbox_.address());
  for (int version = 5; version < 15; ++version) {
    std::vector<std::thread> makers;
    for (int i = 0; i < 4; ++i) {
      makers.emplace_back([&, version] {
        pb::CreateReferralRequest request = CaseOf(NewId());
        request.set_household_version(version - 1);
        EXPECT_THAT(Create(request), IsOk());
      });
    }
    EXPECT_THAT(Record(Objection(version)), IsOk());
    for (std::thread& maker : makers) maker.join();
    ASSERT_EQ(Value("SELECT count(*) FROM referrals WHERE state <> 7"), "0") << version;
  }
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "0");
}

TEST_F(ObjectionsTest, LeavesATraceOfEachCase) {
  Register("CCAS", inbox_.address());
  CreateOf(CaseOf(odette_));
  CreateOf(CaseOf(marcel_));
  ASSERT_THAT(Record(Objection(5)), IsOk());
  EXPECT_EQ(Value("SELECT string_agg(object_kind, ' ' ORDER BY object_kind) FROM audit_events "
                  "WHERE method = 'RecordHouseholdObjection' AND household_id IS NOT NULL"),
            "household referral referral");
}

}  // namespace
}  // namespace veille::referral
