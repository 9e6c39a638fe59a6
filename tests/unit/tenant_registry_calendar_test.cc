#include "tenant_registry/domain/calendar.h"

#include <gtest/gtest.h>

namespace veille::tenant_registry {
namespace {

using Result = ParsedDate::Result;
constexpr DateOrder kFrench = DateOrder::kDayMonthYear;

TEST(ParseDateTest, ReadsWhatRegistersWrite) {
  const absl::CivilDay day(1969, 5, 14);
  for (const char* text : {"14/05/1969", "14.05.1969", "14-5-1969", "14 05 1969", "14051969",
                           "14/05/1969 00:00:00", "14/05/1969 00:00"}) {
    const ParsedDate parsed = ParseDate(text, kFrench);
    EXPECT_EQ(parsed.result, Result::kRead) << text;
    EXPECT_EQ(parsed.day, day) << text;
  }
  EXPECT_EQ(ParseDate("1969-05-14", DateOrder::kYearMonthDay).day, day);
  EXPECT_EQ(ParseDate("1969-05-14T00:00:00Z", DateOrder::kYearMonthDay).day, day);
  EXPECT_EQ(ParseDate("19690514", DateOrder::kYearMonthDay).day, day);
  EXPECT_EQ(ParseDate("05/14/1969", DateOrder::kMonthDayYear).day, day);
}

TEST(ParseDateTest, TellsWhatDoesNotExistFromWhatCannotBeRead) {
  for (const char* text : {"31/02/1948", "29/02/1950", "45/13/1939", "00/00/0000", "01/01/1899"}) {
    EXPECT_EQ(ParseDate(text, kFrench).result, Result::kDoesNotExist) << text;
  }
  for (const char* text : {"", "vers 1948", "1948", "14/05/69", "14/05/1969/1", "14//1969",
                           "114/05/1969", "1/2/3/4", "14/05/1969 midi", "12:30", "١٤/٠٥/١٩٦٩"}) {
    EXPECT_EQ(ParseDate(text, kFrench).result, Result::kUnreadable) << text;
  }
  EXPECT_EQ(ParseDate("29/02/1948", kFrench).result, Result::kRead);
}

TEST(AgeTest, CountsWholeYears) {
  const absl::CivilDay birth(1950, 3, 17);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2020, 3, 16)), 69);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2020, 3, 17)), 70);
  const absl::CivilDay leap(1952, 2, 29);
  EXPECT_EQ(AgeOn(leap, absl::CivilDay(2022, 2, 28)), 69);
  EXPECT_EQ(AgeOn(leap, absl::CivilDay(2022, 3, 1)), 70);
}

// The bound that statements use, and the age that people are told, never disagree.
TEST(AgeTest, TheLatestBirthDateAgreesWithTheAge) {
  for (absl::CivilDay day(2019, 12, 1); day < absl::CivilDay(2024, 4, 1); ++day) {
    for (const int age : {0, 68, 70, 120}) {
      const absl::CivilDay latest = LatestBirthDate(age, day);
      ASSERT_EQ(AgeOn(latest, day), age) << day;
      ASSERT_LT(AgeOn(latest + 1, day), age) << day;
    }
  }
}

}  // namespace
}  // namespace veille::tenant_registry
