#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/db/sql_values.h"

namespace veille::db::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SqlText, ReadsTimesOfTheSession) {
  EXPECT_EQ(ReadTime("1970-01-01 00:00:00+00"), absl::UnixEpoch());
  EXPECT_EQ(ReadTime("2020-03-17 09:00:00.123456+00"), absl::FromUnixMicros(1584435600123456));
  EXPECT_EQ(ReadTime("2020-03-17 09:00:00.5+00"), absl::FromUnixMillis(1584435600500));
  EXPECT_EQ(ReadTime("infinity"), absl::InfiniteFuture());
  EXPECT_EQ(ReadTime("-infinity"), absl::InfinitePast());
  for (const char* text : {"", "yesterday", "2020-03-17", "2020-13-17 09:00:00+00"}) {
    EXPECT_THROW(ReadTime(text), std::runtime_error) << text;
  }
}

TEST(SqlText, WritesTimesToTheMicrosecond) {
  const absl::Time time = absl::FromUnixMicros(1584435600123456);
  EXPECT_EQ(TimeToText(time), "2020-03-17 09:00:00.123456+00");
  EXPECT_EQ(TimeToText(absl::InfiniteFuture()), "infinity");
  EXPECT_EQ(TimeToText(absl::InfinitePast()), "-infinity");
  EXPECT_EQ(TimeToMicros(absl::FromUnixSeconds(946684800)), 0);
  EXPECT_EQ(TimeToMicros(absl::InfiniteFuture()), INT64_MAX);
  EXPECT_EQ(TimeToMicros(absl::InfinitePast()), INT64_MIN);
}

TEST(SqlText, ReadsDaysAndUuids) {
  EXPECT_EQ(ReadDay("1932-02-29"), absl::CivilDay(1932, 2, 29));
  EXPECT_THROW(ReadDay("29/02/1932"), std::runtime_error);
  EXPECT_THROW(ReadUuid("no uuid"), std::runtime_error);
}

TEST(SqlText, ReadsArraysOfText) {
  EXPECT_THAT(ReadTextArray("{}"), IsEmpty());
  EXPECT_THAT(ReadTextArray("{a}"), ElementsAre("a"));
  EXPECT_THAT(ReadTextArray(R"({a,"b c",d})"), ElementsAre("a", "b c", "d"));
  EXPECT_THAT(ReadTextArray(R"({"say \"x\"","back\\slash","com,ma","{}",""})"),
              ElementsAre("say \"x\"", "back\\slash", "com,ma", "{}", ""));
  EXPECT_THROW(ReadTextArray("a,b"), std::runtime_error);
  EXPECT_THROW(ReadTextArray(""), std::runtime_error);
}

}  // namespace
}  // namespace veille::db::internal
