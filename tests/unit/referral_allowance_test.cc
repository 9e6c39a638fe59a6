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

constexpr int kAll = 1000;

// What the only partner that was pushed to may get.
int MostAt(Allowance& allowance, absl::Time time, bool whole) {
  const auto limits = allowance.Limits(time, whole);
  return limits.empty() ? kAll : limits[0].most;
}

TEST(AllowanceTest, CountsWhatIsUnanswered) {
  Allowance allowance(/*most_unanswered=*/3, /*per_second=*/100);
  const auto slow = ids::PartnerId::Random();
  const auto quick = ids::PartnerId::Random();
  EXPECT_THAT(allowance.Limits(kStart, /*whole=*/true), IsEmpty());
  for (int i = 0; i < 3; ++i) allowance.Begin(slow, kStart);
  allowance.Begin(quick, kStart);
  allowance.End(quick);
  const auto limits = allowance.Limits(kStart, /*whole=*/true);
  ASSERT_THAT(limits, SizeIs(1));
  EXPECT_EQ(limits[0].partner, slow);
  EXPECT_EQ(limits[0].most, 0);
  allowance.End(slow);
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 1);
  allowance.End(slow);
  allowance.End(slow);
  EXPECT_THAT(allowance.Limits(kStart + absl::Seconds(1), /*whole=*/true), IsEmpty());
}

TEST(AllowanceTest, WhoHasAllItMayHaveGetsMoreWhenAQuarterIsFree) {
  Allowance allowance(/*most_unanswered=*/16, /*per_second=*/1000);
  const auto partner = ids::PartnerId::Random();
  for (int i = 0; i < 16; ++i) allowance.Begin(partner, kStart);
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(allowance.End(partner));
    // Nor does what comes newly overtake what waits.
    EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 0);
  }
  EXPECT_TRUE(allowance.End(partner));
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 4);
  EXPECT_FALSE(allowance.End(partner));  // nobody waits for it
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 5);
}

TEST(AllowanceTest, ALookAtEverythingFillsEachFreePlace) {
  Allowance allowance(/*most_unanswered=*/16, /*per_second=*/1000);
  const auto partner = ids::PartnerId::Random();
  for (int i = 0; i < 16; ++i) allowance.Begin(partner, kStart);
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 0);
  EXPECT_FALSE(allowance.End(partner));
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 1);
  // Nothing waited, so what comes now has the place at once.
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 1);
  // Something did.
  allowance.Begin(partner, kStart);
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 0);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(allowance.End(partner));
  EXPECT_TRUE(allowance.End(partner));
}

TEST(AllowanceTest, OfFewPlacesEachOneCounts) {
  for (const int most : {1, 2, 3, 7}) {
    Allowance allowance(most, /*per_second=*/1000);
    const auto partner = ids::PartnerId::Random();
    for (int i = 0; i < most; ++i) allowance.Begin(partner, kStart);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 0) << most;
      EXPECT_TRUE(allowance.End(partner)) << most;
      EXPECT_GT(MostAt(allowance, kStart, /*whole=*/false), 0) << most;
      allowance.Begin(partner, kStart);
    }
  }
}

TEST(AllowanceTest, WhoHadAllOfASecondGetsMoreAsTimePasses) {
  Allowance allowance(/*most_unanswered=*/16, /*per_second=*/10);
  const auto partner = ids::PartnerId::Random();
  for (int i = 0; i < 10; ++i) allowance.Begin(partner, kStart);
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/false), 0);
  // Its places are free: neither an answer nor a look at everything has to come first.
  EXPECT_EQ(MostAt(allowance, kStart + absl::Milliseconds(550), /*whole=*/false), 5);
  // What was passed over is looked for at its next answer.
  EXPECT_TRUE(allowance.End(partner));
  EXPECT_FALSE(allowance.End(partner));
}

TEST(AllowanceTest, CountsWhatWasPushedInTheLastSecond) {
  Allowance allowance(/*most_unanswered=*/16, /*per_second=*/10);
  const auto partner = ids::PartnerId::Random();
  for (int i = 0; i < 10; ++i) {
    allowance.Begin(partner, kStart);
    allowance.End(partner);
  }
  EXPECT_EQ(MostAt(allowance, kStart, /*whole=*/true), 0);
  EXPECT_EQ(MostAt(allowance, kStart + absl::Milliseconds(550), /*whole=*/true), 5);
  // However long it was quiet, it gets no more than that at once.
  EXPECT_THAT(allowance.Limits(kStart + absl::Hours(1), /*whole=*/true), IsEmpty());
  int begun = 0;
  for (; begun < 100; ++begun) {
    const auto now = allowance.Limits(kStart + absl::Hours(1), /*whole=*/true);
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
