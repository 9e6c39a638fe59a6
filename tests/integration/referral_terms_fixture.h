#pragma once

// The referral service at a time that the test chooses, in Paris, and the clock of acceptance.

#include <functional>
#include <string>
#include <vector>

#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"
#include "referral/assignment/overdue.h"

namespace veille::referral {

class TermsFixture : public ReferralFixture {
 protected:
  TermsFixture() { MoveTo("2020-04-01 08:00"); }  // a Wednesday

  // The time of the programme and of its database.
  void MoveTo(const std::string& text) {
    absl::Time time;
    std::string error;
    ASSERT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, paris_, &time, &error)) << error;
    clock_.Set(time);
    test_database_.MoveClock(time - absl::Now());
  }

  std::string InParis(const google::protobuf::Timestamp& time) const {
    return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(time.seconds()), paris_);
  }
  std::string DeadlineOf(const std::string& referral) {
    return InParis(Read(referral).acknowledge_deadline_time());
  }

  std::vector<Overdue> List(int limit = 1000) {
    const auto listed = async::SyncWait(database_->Read(
        db::Within(absl::Seconds(5)), [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Overdue>> {
          return ListOverdue(tx, Overdue(), limit);
        }));
    EXPECT_THAT(listed, testing::IsOk());
    return listed.value_or(std::vector<Overdue>());
  }

  // `meanwhile` happens after the step and before its commit.
  OverdueOutcome Take(const Overdue& overdue, const std::function<void()>& meanwhile = [] {}) {
    const auto taken =
        async::SyncWait(database_->Write(db::Within(absl::Seconds(30), {overdue.landlord}),
                                         [&](db::WriteTx& tx) -> absl::StatusOr<OverdueOutcome> {
                                           auto outcome = TakeOverdueStep(tx, seal_, overdue);
                                           meanwhile();
                                           return outcome;
                                         }));
    EXPECT_THAT(taken, testing::IsOk());
    return taken.value_or(OverdueOutcome::kNothing);
  }

  // What one round of the clock of acceptance does now.
  std::vector<OverdueOutcome> Round() {
    std::vector<OverdueOutcome> outcomes;
    for (const Overdue& overdue : List()) outcomes.push_back(Take(overdue));
    return outcomes;
  }

  // The machine of a partner has each of its referrals, without an engine that runs.
  void MarkReceived() {
    test_database_.Query("UPDATE referrals SET state = 2 WHERE state = 1 AND open_fence > 0");
    test_database_.Query("UPDATE assignments SET received_time = assigned_time WHERE state = 1");
    test_database_.Query("UPDATE deliveries SET state = 3 WHERE state = 1 AND NOT is_withdrawal");
  }

 private:
  const absl::TimeZone paris_ = [] {
    absl::TimeZone zone;
    absl::LoadTimeZone("Europe/Paris", &zone);
    return zone;
  }();
};

}  // namespace veille::referral
