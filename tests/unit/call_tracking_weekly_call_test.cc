#include "call_tracking/domain/weekly_call.h"

#include <gtest/gtest.h>

#include "call_tracking/domain/call_hours.h"

namespace veille::call_tracking {
namespace {

const absl::TimeZone kZone = ZoneOf("Europe/Paris");

absl::Time At(int month, int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2020, month, day, hour, minute), kZone);
}

// From Monday 2 March to Monday 27 April 2020, with no call hours.
CampaignDraft Spring() {
  CampaignDraft campaign;
  campaign.start_time = At(3, 2, 0);
  campaign.end_time = At(4, 27, 0);
  return campaign;
}

const WeeklyCall kTuesdays = {VolunteerId(), At(3, 17, 10, 20)};

TEST(NextWeeklyCall, KeepsWeekdayAndTimeOfDayWhateverTheClocksDo) {
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(3, 17, 10, 25)), At(3, 24, 10, 20));
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(3, 24, 10, 20)), At(3, 31, 10, 20));
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(3, 31, 10, 19)), At(3, 31, 10, 20));
}

TEST(NextWeeklyCall, IsNeverSoonerThanOneIntervalAfterTheAgreement) {
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(3, 10, 0)), At(3, 24, 10, 20));
}

TEST(NextWeeklyCall, IsOneHoweverManyWereMissed) {
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(4, 20, 0)), At(4, 21, 10, 20));
}

TEST(NextWeeklyCall, FollowsTheCampaignsInterval) {
  CampaignDraft campaign = Spring();
  campaign.weekly.interval_days = 3;
  EXPECT_EQ(NextWeeklyCall(kTuesdays, campaign, kZone, At(3, 17, 11)), At(3, 20, 10, 20));
  EXPECT_EQ(NextWeeklyCall(kTuesdays, campaign, kZone, At(3, 20, 10, 20)), At(3, 23, 10, 20));
}

TEST(NextWeeklyCall, ComesWithinTheCallHours) {
  CampaignDraft campaign = Spring();
  campaign.call_hours = {{.weekday = 2, .start_minute = 840, .end_minute = 1080},  // Tuesday
                         {.weekday = 3, .start_minute = 540, .end_minute = 720}};  // Wednesday
  EXPECT_EQ(NextWeeklyCall(kTuesdays, campaign, kZone, At(3, 18, 0)), At(3, 24, 14));
  const WeeklyCall evenings = {VolunteerId(), At(3, 17, 19)};
  EXPECT_EQ(NextWeeklyCall(evenings, campaign, kZone, At(3, 18, 0)), At(3, 25, 9));
}

TEST(NextWeeklyCall, EndsWithTheCampaign) {
  EXPECT_EQ(NextWeeklyCall(kTuesdays, Spring(), kZone, At(4, 21, 10, 20)), std::nullopt);
  CampaignDraft campaign = Spring();
  campaign.call_hours = {{.weekday = 1, .start_minute = 540, .end_minute = 720}};
  EXPECT_EQ(NextWeeklyCall(kTuesdays, campaign, kZone, At(4, 20, 13)), std::nullopt);
}

}  // namespace
}  // namespace veille::call_tracking
