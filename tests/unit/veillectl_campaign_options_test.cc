#include "veillectl/commands/campaign_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> HoursOf(const std::string& text) {
  pb::Campaign campaign;
  EXPECT_TRUE(AddCallHours(text, campaign).ok()) << text;
  std::vector<std::string> hours;
  for (const auto& window : campaign.call_hours()) hours.push_back(InWords(window));
  return hours;
}

TEST(CallHoursOption, DaysAndHours) {
  EXPECT_THAT(HoursOf("mon 09:00-12:00"), ElementsAre("mon 09:00-12:00"));
  EXPECT_THAT(HoursOf("Sat,sun 0:30-24:00"), ElementsAre("sat 00:30-24:00", "sun 00:30-24:00"));
  EXPECT_EQ(HoursOf("daily 08:30-19:00").size(), 7u);
  EXPECT_THAT(HoursOf("mon-tue,fri 9:00-10:00"),
              ElementsAre("mon 09:00-10:00", "tue 09:00-10:00", "fri 09:00-10:00"));
}

TEST(CallHoursOption, WhatIsNoneSaysHowToWriteIt) {
  for (const char* text : {"", "mon", "mon 9-12", "mon 12:00-09:00", "mon 09:00-09:00",
                           "lundi 09:00-12:00", "fri-mon 09:00-12:00", "mon 09:00-24:01",
                           "mon 09:60-12:00", "mon-fri-sun 09:00-12:00", "mon 09:00-12:00 x"}) {
    pb::Campaign campaign;
    const absl::Status status = AddCallHours(text, campaign);
    EXPECT_EQ(ExitCodeOf(status), kUsage) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("mon-fri 09:00-12:00")) << text;
    EXPECT_EQ(campaign.call_hours_size(), 0) << text;
  }
}

TEST(RetryOption, OneRulePerDisposition) {
  pb::Campaign campaign;
  ASSERT_TRUE(SetRetryRule("no-answer:4h:5:next-phone", campaign).ok());
  ASSERT_TRUE(SetRetryRule("BUSY:30m:8", campaign).ok());
  ASSERT_TRUE(SetRetryRule("no-answer:1s:2", campaign).ok());  // in place of the first
  ASSERT_EQ(campaign.retry_rules_size(), 2);
  EXPECT_EQ(InWords(campaign.retry_rules(0)),
            "no-answer: after 1s, 2 times at most, the same phone");
  EXPECT_EQ(InWords(campaign.retry_rules(1)), "busy: after 30m, 8 times at most, the same phone");
  ASSERT_TRUE(SetRetryRule("busy:30m:8:next-phone", campaign).ok());
  EXPECT_TRUE(campaign.retry_rules(1).next_phone());
}

TEST(RetryOption, WhatIsNoneSaysHowToWriteIt) {
  for (const char* text : {"", "no-answer", "no-answer:4h", "asleep:4h:5", "no-answer:soon:5",
                           "no-answer:4h:often", "no-answer:4h:5:other", "no-answer:-4h:5"}) {
    pb::Campaign campaign;
    const absl::Status status = SetRetryRule(text, campaign);
    EXPECT_EQ(ExitCodeOf(status), kUsage) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("no-answer:4h:5:next-phone")) << text;
    EXPECT_EQ(campaign.retry_rules_size(), 0) << text;
  }
}

TEST(CampaignOptions, DatesAndDurations) {
  pb::Campaign campaign;
  EXPECT_TRUE(SetReferenceDate("2020-03-17", campaign).ok());
  EXPECT_EQ(campaign.cohort_rule().reference_date().day(), 17);
  EXPECT_EQ(ExitCodeOf(SetReferenceDate("17/03/2020", campaign)), kUsage);
  EXPECT_TRUE(SetWeeklyGrace("90m", campaign).ok());
  EXPECT_EQ(InWords(campaign.weekly_cadence().grace()), "1h30m");
  EXPECT_EQ(ExitCodeOf(SetWeeklyGrace("a while", campaign)), kUsage);
}

TEST(CampaignOptions, AcknowledgeDeadlines) {
  pb::Campaign campaign;
  EXPECT_TRUE(SetEmergencyDeadline("10m", campaign).ok());
  EXPECT_TRUE(SetPriorityDeadline("90m", campaign).ok());
  campaign.mutable_acknowledge_deadlines()->set_routine_working_days(3);
  EXPECT_EQ(InWords(campaign.acknowledge_deadlines()),
            "an emergency within 10m, priority within 1h30m of working time, routine within 3 "
            "working days");
  EXPECT_EQ(ExitCodeOf(SetEmergencyDeadline("soon", campaign)), kUsage);
  EXPECT_EQ(ExitCodeOf(SetPriorityDeadline("-1h", campaign)), kUsage);
}

}  // namespace
}  // namespace veille::veillectl
