// The engine beside partners that do not answer, beside others of its kind, and after its death.

#include <gmock/gmock.h>

#include "absl/synchronization/notification.h"
#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::WaitUntil;

class EngineTest : public ReferralFixture {
 protected:
  bool BecomesReceived(const std::string& referral) {
    return WaitUntil([&] { return Read(referral).state() == common_pb::REFERRAL_STATE_RECEIVED; });
  }
  std::string DeliveryState() { return Value("SELECT state FROM deliveries"); }

  FakeInbox inbox_;
};

// However much waits for it, and was due before.
TEST_F(EngineTest, AStalledPartnerDelaysNoOther) {
  absl::Notification end;
  FakeInbox stalled;
  stalled.SetAnswer([&](const auto&, auto&) {
    end.WaitForNotification();
    return grpc::Status::OK;
  });
  pb::RegisterPartnerRequest other = Registration("Elsewhere");
  other.mutable_partner()->mutable_coverage(0)->set_commune_codes(0, "09122");
  other.mutable_partner()->set_endpoint(inbox_.address());
  ASSERT_THAT(
      Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner, other, Coordinator()),
      IsOk());
  Register("Stalled", stalled.address());
  for (int i = 0; i < 40; ++i) CreateOne();
  for (int i = 0; i < 20; ++i) {
    CreateOne([](auto& request) { request.set_commune_code("09122"); });
  }
  const auto engine = StartEngine({.interval = absl::Milliseconds(20),
                                   .push_timeout = absl::Minutes(5),
                                   .batch = 16,
                                   .most_per_partner = 4,
                                   .most_in_flight = 16});
  EXPECT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 20; }));
  EXPECT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM referrals WHERE state = 2") == "20"; }));
  EXPECT_LT(stalled.notices().size(), 8);
  // It answers at last: the rest follows, without waiting for the next poll.
  end.Notify();
  EXPECT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM referrals WHERE state = 2") == "60"; }));
  EXPECT_EQ(Value("SELECT max(tries) FROM deliveries"), "1");
}

// Longer than a claim holds: it is renewed, so no other engine makes the push a second time.
TEST_F(EngineTest, AClaimHoldsAsLongAsItsPushIsInFlight) {
  absl::Notification end;
  inbox_.SetAnswer([&](const auto&, auto&) {
    end.WaitForNotification();
    return grpc::Status::OK;
  });
  Register("CCAS", inbox_.address());
  CreateOne();
  const EngineOptions options{.interval = absl::Milliseconds(20), .hold = absl::Seconds(2)};
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < 2; ++i) engines.push_back(StartEngine(options));
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  const std::string first_end = Value("SELECT due_time FROM deliveries");
  ASSERT_TRUE(WaitUntil([&] {
    return Value("SELECT veille_now() > '" + first_end + "'::timestamptz + interval '1 s'") == "t";
  }));
  EXPECT_EQ(inbox_.notices().size(), 1);
  EXPECT_EQ(Value("SELECT fence || ' ' || tries || ' ' || state FROM deliveries"), "1 1 2");
  end.Notify();
  EXPECT_TRUE(WaitUntil([&] { return DeliveryState() == "3"; }));
}

TEST_F(EngineTest, SeveralEnginesPushEachDeliveryOnceAtATime) {
  constexpr int kReferrals = 60;
  Register("CCAS", inbox_.address());
  for (int i = 0; i < kReferrals; ++i) CreateOne();
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < 3; ++i) engines.push_back(StartEngine());
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM deliveries WHERE state = 3") == "60"; }));
  EXPECT_EQ(inbox_.notices().size(), kReferrals);
  EXPECT_EQ(Value("SELECT max(tries) FROM deliveries"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM referrals WHERE state = 2 AND version = 2"), "60");
}

TEST_F(EngineTest, ADeadWorkersClaimRunsOutAfterSomeSeconds) {
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  // A worker claims, then dies.
  const auto claimed = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(5)), [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<Claim>> {
        return DeliveryQueue(tx, seal_).ClaimDue({.hold = EngineOptions().hold});
      }));
  ASSERT_THAT(claimed, IsOk());
  ASSERT_EQ(claimed->size(), 1);
  auto engine = StartEngine();
  const std::string looked = "SELECT count(*) FROM deliveries WHERE due_time <= veille_now()";
  EXPECT_EQ(Value(looked), "0");
  EXPECT_THAT(inbox_.notices(), IsEmpty());
  test_database_.MoveClock(absl::Seconds(6));
  ASSERT_TRUE(BecomesReceived(referral));
  engine.reset();

  // It was not dead after all: its fence is gone, it writes nothing.
  const Claim& stale = (*claimed)[0];
  const Push late{.landlord = stale.landlord,
                  .delivery = stale.delivery,
                  .fence = stale.fence,
                  .referral = stale.partner_case.id,
                  .result = Push::Result::kPark,
                  .delay = absl::ZeroDuration(),
                  .receipt_number = {}};
  const auto written = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(5), {late.landlord}), [&](db::WriteTx& tx) -> absl::Status {
        DeliveryQueue(tx, seal_).End({late}, clock_.Now());
        return absl::OkStatus();
      }));
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(DeliveryState(), "3");
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(EngineTest, AStopGivesPushesBackAtOnce) {
  absl::Notification end;
  inbox_.SetAnswer([&](const auto&, auto&) {
    end.WaitForNotification();
    return grpc::Status::OK;
  });
  Register("CCAS", inbox_.address());
  const std::string referral = CreateOne();
  auto engine = StartEngine();
  ASSERT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 1; }));
  engine.reset();
  EXPECT_EQ(DeliveryState(), "1");
  EXPECT_EQ(Value("SELECT due_time <= veille_now() FROM deliveries"), "t");
  end.Notify();
  engine = StartEngine();
  EXPECT_TRUE(BecomesReceived(referral));
  EXPECT_EQ(inbox_.notices()[0].delivery_id(), inbox_.notices()[1].delivery_id());
}

}  // namespace
}  // namespace veille::referral
