#include "call_tracking/domain/call_hours.h"

#include <gtest/gtest.h>

namespace veille::call_tracking {
namespace {

const absl::TimeZone kParis = ZoneOf("Europe/Paris");

absl::Time At(int month, int day, int hour, int minute = 0, absl::TimeZone zone = kParis) {
  return absl::FromCivil(absl::CivilMinute(2020, month, day, hour, minute), zone);
}

// 2020-03-16 is a Monday.
const absl::Time kStart = At(3, 16, 0);
const absl::Time kEnd = At(5, 11, 0);
const std::vector<CallWindow> kOffice = {{1, 540, 720}, {1, 840, 1080}, {2, 540, 720}};

CallSpan Span(absl::Time now, const std::vector<CallWindow>& windows = kOffice,
              absl::TimeZone zone = kParis) {
  return CurrentOrNextSpan(windows, kStart, kEnd, zone, now);
}

TEST(CallHours, NoWindowsMeansTheWholePeriod) {
  EXPECT_EQ(Span(At(4, 1, 3), {}), (CallSpan{kStart, kEnd}));
}

TEST(CallHours, TheWindowOfNowOrTheNext) {
  EXPECT_EQ(Span(At(3, 16, 10)), (CallSpan{At(3, 16, 9), At(3, 16, 12)}));
  EXPECT_EQ(Span(At(3, 16, 13)), (CallSpan{At(3, 16, 14), At(3, 16, 18)}));
  EXPECT_EQ(Span(At(3, 16, 12)), (CallSpan{At(3, 16, 14), At(3, 16, 18)}));  // the end is exclusive
  EXPECT_EQ(Span(At(3, 18, 8)), (CallSpan{At(3, 23, 9), At(3, 23, 12)}));    // next Monday
}

TEST(CallHours, BeforeThePeriodTheFirstWindowInIt) {
  EXPECT_EQ(Span(At(3, 1, 8)), (CallSpan{At(3, 16, 9), At(3, 16, 12)}));
}

TEST(CallHours, AfterThePeriodNothing) {
  EXPECT_EQ(Span(kEnd), (CallSpan{kEnd, kEnd}));
  EXPECT_EQ(Span(At(5, 8, 12)), (CallSpan{kEnd, kEnd}));  // no window is left in it
}

TEST(CallHours, WindowsThatTouchAreOneAlsoAcrossMidnight) {
  const std::vector<CallWindow> evening = {{1, 1200, 1440}, {2, 0, 60}, {2, 60, 120}};
  EXPECT_EQ(Span(At(3, 16, 23), evening), (CallSpan{At(3, 16, 20), At(3, 17, 2)}));
  EXPECT_EQ(Span(At(3, 17, 1), evening), (CallSpan{At(3, 16, 20), At(3, 17, 2)}));
}

TEST(CallHours, LocalTimeOfTheHousehold) {
  const absl::TimeZone reunion = ZoneOf("Indian/Reunion");  // UTC+4
  const CallSpan there = Span(At(3, 23, 1), kOffice, reunion);
  EXPECT_EQ(there.from, At(3, 23, 9, 0, reunion));
  EXPECT_LT(there.from, Span(At(3, 23, 1)).from);
}

TEST(CallHours, TheClockChangeKeepsLocalTime) {
  // 2020-03-29, Sunday: 02:00 becomes 03:00.
  const std::vector<CallWindow> sunday = {{7, 60, 240}, {7, 540, 600}};
  const CallSpan night = Span(At(3, 29, 1, 30), sunday);
  EXPECT_EQ(night.until - night.from, absl::Hours(2));  // 01:00 to 04:00 on the wall
  EXPECT_EQ(Span(At(3, 29, 5), sunday).from, At(3, 29, 9));
}

TEST(CallHours, AnUnknownZoneIsWhereTheProgrammeCalls) {
  EXPECT_EQ(ZoneOf("Mars/Olympus").name(), "Europe/Paris");
}

}  // namespace
}  // namespace veille::call_tracking
