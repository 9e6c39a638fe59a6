// How many pushes a partner may get now, and when it is left alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "referral/delivery/allowance.h"
#include "referral/delivery/breaker.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1585720800);

TEST(AllowanceTest, CountsWhatIsUnanswered) {
  Allowance allowance(/*most_unanswered=*/3, /*per_second=*/100);
  const auto slow = ids::PartnerId::Random();
  const auto quick = ids::PartnerId::Random();
  EXPECT_THAT(allowance.Limits(kStart), IsEmpty());
  for (int i = 0; i < 3; ++i) allowance.Begin(slow, kStart);
  allowance.Begin(quick, kStart);
  allowance.End(quick);
  auto limits = allowance.Limits(kStart);
  ASSERT_THAT(limits, SizeIs(1));
  EXPECT_EQ(limits[0].partner, slow);
  EXPECT_EQ(limits[0].most, 0);
  allowance.End(slow);
  limits = allowance.Limits(kStart);
  ASSERT_THAT(limits, SizeIs(1));
  EXPECT_EQ(limits[0].most, 1);
  allowance.End(slow);
  allowance.End(slow);
  EXPECT_THAT(allowance.Limits(kStart + absl::Seconds(1)), IsEmpty());
}

TEST(AllowanceTest, CountsWhatWasPushedInTheLastSecond) {
  Allowance allowance(/*most_unanswered=*/16, /*per_second=*/10);
  const auto partner = ids::PartnerId::Random();
  for (int i = 0; i < 10; ++i) {
    allowance.Begin(partner, kStart);
    allowance.End(partner);
  }
  auto limits = allowance.Limits(kStart);
  ASSERT_THAT(limits, SizeIs(1));
  EXPECT_EQ(limits[0].most, 0);
  EXPECT_EQ(allowance.Limits(kStart + absl::Milliseconds(550))[0].most, 5);
  // However long it was quiet, it gets no more than that at once.
  limits = allowance.Limits(kStart + absl::Hours(1));
  ASSERT_THAT(limits, IsEmpty());
  int begun = 0;
  for (; begun < 100; ++begun) {
    const auto now = allowance.Limits(kStart + absl::Hours(1));
    if (!now.empty() && now[0].most == 0) break;
    allowance.Begin(partner, kStart + absl::Hours(1));
    allowance.End(partner);
  }
  EXPECT_EQ(begun, 10);
}

TEST(BreakerTest, OpensAfterFailuresInARow) {
  using Kind = Breaker::Kind;
  using Verdict = Breaker::Verdict;
  Breaker breaker(3);
  const auto partner = ids::PartnerId::Random();
  const auto other = ids::PartnerId::Random();
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteFailure(other, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteAnswer(partner, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kPush), Verdict::kNothing);
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kPush), Verdict::kRest);
  EXPECT_EQ(breaker.NoteFailure(partner, Kind::kProbe), Verdict::kRest);
  EXPECT_EQ(breaker.NoteAnswer(partner, Kind::kProbe), Verdict::kIsBack);
}

}  // namespace
}  // namespace veille::referral
