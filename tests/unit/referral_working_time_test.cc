// Working time, holidays, and the deadlines that are made of them.

#include "referral/domain/working_time.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "referral/domain/deadlines.h"

namespace veille::referral {
namespace {

constexpr char kToulouse[] = "31555";

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// "2020-04-01 08:00" by the clock of the place.
absl::Time At(const std::string& text, const std::string& zone = "Europe/Paris") {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, Zone(zone), &time, &error)) << error;
  return time;
}

std::string Text(absl::Time time, const std::string& zone = "Europe/Paris") {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, Zone(zone));
}

std::string After(const std::string& start, absl::Duration working,
                  const std::string& commune = kToulouse,
                  const std::string& zone = "Europe/Paris") {
  return Text(AddWorkingTime(At(start, zone), working, Zone(zone), commune), zone);
}

std::set<std::string> HolidaysOf(int year, const std::string& commune) {
  std::set<std::string> days;
  for (absl::CivilDay day(year, 1, 1); day.year() == year; ++day) {
    if (IsPublicHoliday(day, commune)) days.insert(absl::FormatCivilTime(day).substr(5));
  }
  return days;
}

TEST(EasterTest, FallsOnTheKnownDays) {
  const std::vector<absl::CivilDay> known = {
      absl::CivilDay(2020, 4, 12), absl::CivilDay(2021, 4, 4), absl::CivilDay(2022, 4, 17),
      absl::CivilDay(2023, 4, 9), absl::CivilDay(2024, 3, 31), absl::CivilDay(2025, 4, 20),
      absl::CivilDay(2026, 4, 5), absl::CivilDay(2027, 3, 28), absl::CivilDay(2028, 4, 16),
      absl::CivilDay(2029, 4, 1), absl::CivilDay(2030, 4, 21),
      // The earliest, the latest, and the two kinds of exception to the plain rule.
      absl::CivilDay(1818, 3, 22), absl::CivilDay(2038, 4, 25), absl::CivilDay(1954, 4, 18),
      absl::CivilDay(1981, 4, 19)};
  for (const absl::CivilDay day : known) EXPECT_EQ(EasterSunday(day.year()), day);
}

TEST(HolidayTest, ElevenEverywhere) {
  const std::set<std::string> in_2020 = {"01-01", "04-13", "05-01", "05-08", "05-21", "06-01",
                                         "07-14", "08-15", "11-01", "11-11", "12-25"};
  EXPECT_EQ(HolidaysOf(2020, kToulouse), in_2020);
  EXPECT_EQ(HolidaysOf(2020, "75112"), in_2020);
  EXPECT_EQ(HolidaysOf(2020, "2A004"), in_2020);
  EXPECT_EQ(HolidaysOf(2020, "97501"), in_2020);
  EXPECT_EQ(HolidaysOf(2020, ""), in_2020);
  // Ascension on 8 May 2024 + 1, and 2008's on 1 May: days that fall together count once.
  EXPECT_EQ(HolidaysOf(2024, kToulouse).count("05-09"), 1);
  EXPECT_EQ(HolidaysOf(2008, kToulouse).size(), 10);
}

TEST(HolidayTest, EasterMondayAscensionAndWhitMondayOfTheYears) {
  struct Year {
    int year;
    const char* easter_monday;
    const char* ascension;
    const char* whit_monday;
  };
  for (const Year& known : {Year{2020, "04-13", "05-21", "06-01"},
                            {2021, "04-05", "05-13", "05-24"},
                            {2022, "04-18", "05-26", "06-06"},
                            {2023, "04-10", "05-18", "05-29"},
                            {2024, "04-01", "05-09", "05-20"},
                            {2025, "04-21", "05-29", "06-09"},
                            {2026, "04-06", "05-14", "05-25"},
                            {2027, "03-29", "05-06", "05-17"},
                            {2028, "04-17", "05-25", "06-05"},
                            {2029, "04-02", "05-10", "05-21"},
                            {2030, "04-22", "05-30", "06-10"}}) {
    const std::set<std::string> days = HolidaysOf(known.year, kToulouse);
    EXPECT_EQ(days.size(), 11) << known.year;
    for (const char* day : {known.easter_monday, known.ascension, known.whit_monday}) {
      EXPECT_EQ(days.count(day), 1) << known.year << " " << day;
    }
  }
}

TEST(HolidayTest, LocalDaysAreThoseOfTheirPlaceAlone) {
  struct Local {
    const char* commune;
    std::set<std::string> days;  // in 2020, beside those of everywhere
  };
  const std::set<std::string> everywhere = HolidaysOf(2020, kToulouse);
  for (const Local& local : {Local{"57463", {"04-10", "12-26"}},
                             {"67482", {"04-10", "12-26"}},
                             {"68224", {"04-10", "12-26"}},
                             {"97101", {"05-27"}},
                             {"97201", {"05-22"}},
                             {"97301", {"06-10"}},
                             {"97411", {"12-20"}},
                             {"97601", {"04-27"}},
                             {"97701", {"10-09"}},
                             {"97801", {"05-28"}},
                             {"06088", {}},
                             {"98818", {}}}) {
    std::set<std::string> days = everywhere;
    days.insert(local.days.begin(), local.days.end());
    EXPECT_EQ(HolidaysOf(2020, local.commune), days) << local.commune;
  }
}

TEST(WorkingTimeTest, RunsOnlyWhileTheyWork) {
  EXPECT_EQ(After("2020-04-01 09:00", absl::Hours(2)), "2020-04-01 11:00");
  // Lunch.
  EXPECT_EQ(After("2020-04-01 11:00", absl::Hours(2)), "2020-04-01 15:00");
  EXPECT_EQ(After("2020-04-01 12:00", absl::Hours(1)), "2020-04-01 15:00");
  EXPECT_EQ(After("2020-04-01 12:30", absl::Hours(1)), "2020-04-01 15:00");
  // Night.
  EXPECT_EQ(After("2020-04-01 16:30", absl::Hours(1)), "2020-04-02 09:30");
  EXPECT_EQ(After("2020-04-01 03:00", absl::Hours(1)), "2020-04-01 10:00");
  EXPECT_EQ(After("2020-04-01 23:00", absl::Hours(1)), "2020-04-02 10:00");
  // The week-end.
  EXPECT_EQ(After("2020-04-03 16:00", absl::Hours(2)), "2020-04-06 10:00");
  EXPECT_EQ(After("2020-04-04 12:00", absl::Hours(1)), "2020-04-06 10:00");
}

TEST(WorkingTimeTest, WhatEndsWithASpanEndsThere) {
  EXPECT_EQ(After("2020-04-01 09:00", absl::Hours(3)), "2020-04-01 12:00");
  EXPECT_EQ(After("2020-04-01 09:00", WorkingDay()), "2020-04-01 17:00");
  EXPECT_EQ(After("2020-04-01 09:00", absl::ZeroDuration()), "2020-04-01 09:00");
  EXPECT_EQ(After("2020-04-01 12:00", absl::ZeroDuration()), "2020-04-01 12:00");
  EXPECT_EQ(After("2020-04-01 12:01", absl::ZeroDuration()), "2020-04-01 14:00");
  EXPECT_EQ(After("2020-04-03 17:01", absl::ZeroDuration()), "2020-04-06 09:00");
}

TEST(WorkingTimeTest, HolidaysDoNotCount) {
  // The Easter week-end of 2020; in Colmar it begins on Good Friday.
  EXPECT_EQ(After("2020-04-09 16:00", absl::Hours(2)), "2020-04-10 10:00");
  EXPECT_EQ(After("2020-04-10 16:00", absl::Hours(2)), "2020-04-14 10:00");
  EXPECT_EQ(After("2020-04-09 16:00", absl::Hours(2), "68066"), "2020-04-14 10:00");
  // Christmas 2024 on a Wednesday, the 26th a holiday in Strasbourg.
  EXPECT_EQ(After("2024-12-24 16:00", absl::Hours(2)), "2024-12-26 10:00");
  EXPECT_EQ(After("2024-12-24 16:00", absl::Hours(2), "67482"), "2024-12-27 10:00");
  // A year's end.
  EXPECT_EQ(After("2020-12-31 16:00", absl::Hours(2)), "2021-01-04 10:00");
}

TEST(WorkingTimeTest, RunsByTheClockOfThePlace) {
  struct Overseas {
    const char* zone;
    const char* commune;
    const char* eve;    // 16:00 on the last working day before the local holiday
    const char* after;  // two working hours later
  };
  for (const Overseas& place :
       {Overseas{"America/Guadeloupe", "97101", "2020-05-26 16:00", "2020-05-28 10:00"},
        {"America/Martinique", "97209", "2020-05-20 16:00", "2020-05-25 10:00"},  // + Ascension
        {"America/Cayenne", "97302", "2020-06-09 16:00", "2020-06-11 10:00"},
        {"Indian/Reunion", "97411", "2021-12-17 16:00", "2021-12-21 10:00"},
        {"Indian/Mayotte", "97608", "2020-04-24 16:00", "2020-04-28 10:00"},
        {"America/St_Barthelemy", "97701", "2020-10-08 16:00", "2020-10-12 10:00"},
        {"America/Marigot", "97801", "2020-05-27 16:00", "2020-05-29 10:00"},
        {"America/Miquelon", "97502", "2020-05-26 16:00", "2020-05-27 10:00"},
        {"Pacific/Noumea", "98818", "2020-05-26 16:00", "2020-05-27 10:00"}}) {
    EXPECT_EQ(After(place.eve, absl::Hours(2), place.commune, place.zone), place.after)
        << place.commune;
  }
  // Friday 16:30 in Paris is Friday morning in Guadeloupe, and Friday evening in La Réunion.
  const absl::Time friday = At("2020-04-03 16:30");
  const auto an_hour_later = [friday](const char* zone, const char* commune) {
    return Text(AddWorkingTime(friday, absl::Hours(1), Zone(zone), commune), zone);
  };
  EXPECT_EQ(an_hour_later("America/Guadeloupe", "97101"), "2020-04-03 11:30");
  EXPECT_EQ(an_hour_later("Indian/Reunion", "97411"), "2020-04-06 10:00");
}

TEST(WorkingTimeTest, TheClocksGoForwardAndBackInTheNight) {
  EXPECT_EQ(After("2020-03-27 16:00", absl::Hours(2)), "2020-03-30 10:00");
  EXPECT_EQ(At("2020-03-30 10:00") - At("2020-03-27 16:00"), absl::Hours(65));
  EXPECT_EQ(After("2020-10-23 16:00", absl::Hours(2)), "2020-10-26 10:00");
  EXPECT_EQ(At("2020-10-26 10:00") - At("2020-10-23 16:00"), absl::Hours(67));
  // Started in the hour that comes twice, and in the one that there is not.
  EXPECT_EQ(After("2020-10-25 02:30", absl::Hours(1)), "2020-10-26 10:00");
  EXPECT_EQ(After("2020-03-29 02:30", absl::Hours(1)), "2020-03-30 10:00");
}

// Whatever the start, the duration and the place: the result is a working minute, no earlier than
// the start; a later start or more time never ends sooner; and two parts make the whole.
TEST(WorkingTimeTest, HoldsItsLawsEverywhere) {
  struct Where {
    const char* zone;
    const char* commune;
  };
  const std::vector<Where> places = {{"Europe/Paris", kToulouse},     {"Europe/Paris", "67482"},
                                     {"America/Guadeloupe", "97101"}, {"Indian/Reunion", "97411"},
                                     {"America/Miquelon", "97502"},   {"Pacific/Noumea", "98818"}};
  std::mt19937_64 random(20200317);
  const auto minutes = [&random](int64_t most) {
    return absl::Minutes(std::uniform_int_distribution<int64_t>(0, most)(random));
  };
  const absl::Time first = At("2020-01-01 00:00");
  for (int i = 0; i < 6000; ++i) {
    const Where& where = places[static_cast<size_t>(i) % places.size()];
    const absl::TimeZone zone = Zone(where.zone);
    const auto add = [&](absl::Time start, absl::Duration working) {
      return AddWorkingTime(start, working, zone, where.commune);
    };
    const absl::Time start = first + minutes(11 * 365 * 24 * 60);
    const absl::Duration one = minutes(4 * 6 * 60);
    const absl::Duration other = minutes(4 * 6 * 60);
    const absl::Time end = add(start, one);
    SCOPED_TRACE(testing::Message() << Text(start, where.zone) << " + " << one << " + " << other
                                    << " in " << where.commune << ": " << Text(end, where.zone));
    const absl::CivilMinute civil = absl::ToCivilMinute(end, zone);
    const int of_day = civil.hour() * 60 + civil.minute();
    EXPECT_TRUE((of_day >= 540 && of_day <= 720) || (of_day >= 840 && of_day <= 1020));
    EXPECT_FALSE(IsPublicHoliday(absl::CivilDay(civil), where.commune));
    EXPECT_NE(absl::GetWeekday(civil), absl::Weekday::saturday);
    EXPECT_NE(absl::GetWeekday(civil), absl::Weekday::sunday);
    EXPECT_GE(end, start + one);
    EXPECT_GE(add(start + other, one), end);
    EXPECT_GE(add(start, one + other), end);
    EXPECT_EQ(add(end, other), add(start, one + other));
  }
}

TEST(CalendarDaysTest, CountEachDayByTheClock) {
  const auto eight_days = [](const std::string& from, const std::string& zone = "Europe/Paris") {
    return Text(AddCalendarDays(At(from, zone), 8, Zone(zone)), zone);
  };
  EXPECT_EQ(eight_days("2020-04-01 10:30"), "2020-04-09 10:30");
  // Over Easter, the first of May, a leap day, the end of a year: they count.
  EXPECT_EQ(eight_days("2020-04-09 18:00"), "2020-04-17 18:00");
  EXPECT_EQ(eight_days("2020-04-30 09:00"), "2020-05-08 09:00");
  EXPECT_EQ(eight_days("2020-02-28 23:59"), "2020-03-07 23:59");
  EXPECT_EQ(eight_days("2020-12-24 12:00"), "2021-01-01 12:00");
  EXPECT_EQ(eight_days("2020-04-01 10:30", "Indian/Reunion"), "2020-04-09 10:30");
}

TEST(CalendarDaysTest, TheClocksGoForwardAndBackBetween) {
  const auto length = [](const std::string& from) {
    return AddCalendarDays(At(from), 8, Zone("Europe/Paris")) - At(from);
  };
  EXPECT_EQ(length("2020-03-25 10:00"), absl::Hours(8 * 24 - 1));
  EXPECT_EQ(length("2020-10-21 10:00"), absl::Hours(8 * 24 + 1));
  // It would end in the hour that there is not, or in the one that comes twice.
  EXPECT_EQ(Text(AddCalendarDays(At("2020-03-21 02:30"), 8, Zone("Europe/Paris"))),
            "2020-03-29 03:00");
  EXPECT_EQ(AddCalendarDays(At("2020-10-17 02:30"), 8, Zone("Europe/Paris")),
            At("2020-10-17 02:30") + absl::Hours(8 * 24));
}

class AcknowledgeDeadlineTest : public ::testing::Test {
 protected:
  std::string Deadline(Urgency urgency, const std::string& from) const {
    return Text(AcknowledgeDeadline(Of(urgency), At(from, terms_.place.time_zone)),
                terms_.place.time_zone);
  }
  std::string Look(Urgency urgency, const std::string& from) const {
    return Text(NextLook(Of(urgency), At(from)));
  }
  Terms Of(Urgency urgency) const {
    Terms terms = terms_;
    terms.urgency = urgency;
    return terms;
  }

  Terms terms_{.place = {.commune = kToulouse, .time_zone = "Europe/Paris"}, .need = Need::kMeals};
};

TEST_F(AcknowledgeDeadlineTest, ByUrgencyAndPlace) {
  using enum Urgency;
  // By the clock, at any hour of any day.
  EXPECT_EQ(Deadline(kEmergency, "2020-04-12 03:00"), "2020-04-12 03:15");
  EXPECT_EQ(Deadline(kPriority, "2020-04-01 10:00"), "2020-04-01 16:00");
  EXPECT_EQ(Deadline(kPriority, "2020-04-10 15:00"), "2020-04-14 11:00");
  EXPECT_EQ(Deadline(kRoutine, "2020-04-01 10:00"), "2020-04-03 10:00");
  EXPECT_EQ(Deadline(kRoutine, "2020-04-09 18:00"), "2020-04-14 17:00");
  terms_.place = {.commune = "97411", .time_zone = "Indian/Reunion"};
  EXPECT_EQ(Deadline(kPriority, "2020-04-01 16:30"), "2020-04-02 14:30");
}

TEST_F(AcknowledgeDeadlineTest, AsTheCampaignHasIt) {
  using enum Urgency;
  terms_.deadlines = {
      .emergency = absl::Minutes(40), .priority = absl::Minutes(90), .routine_working_days = 5};
  EXPECT_EQ(Deadline(kEmergency, "2020-04-12 03:00"), "2020-04-12 03:40");
  EXPECT_EQ(Deadline(kPriority, "2020-04-10 16:30"), "2020-04-14 10:00");
  EXPECT_EQ(Deadline(kRoutine, "2020-04-01 10:00"), "2020-04-08 10:00");
}

TEST_F(AcknowledgeDeadlineTest, WhatACoordinatorHasInHandComesBackInWorkingTime) {
  using enum Urgency;
  EXPECT_EQ(Look(kEmergency, "2020-04-01 22:00"), "2020-04-02 15:00");
  EXPECT_EQ(Look(kPriority, "2020-04-01 22:00"), "2020-04-02 15:00");
  EXPECT_EQ(Look(kRoutine, "2020-04-01 22:00"), "2020-04-03 17:00");
  terms_.deadlines = {.emergency = absl::Minutes(1), .priority = absl::Hours(2)};
  EXPECT_EQ(Look(kEmergency, "2020-04-01 22:00"), "2020-04-02 11:00");
}

// The law gives eight days, of any kind, for every request alike.
TEST_F(AcknowledgeDeadlineTest, ARegisterEntryHasEightDaysWhateverElseIsSaid) {
  terms_.need = Need::kMunicipalRegister;
  for (const Urgency urgency : {Urgency::kRoutine, Urgency::kPriority, Urgency::kEmergency}) {
    EXPECT_EQ(Deadline(urgency, "2020-04-09 18:00"), "2020-04-17 18:00");
  }
  terms_.deadlines = {
      .emergency = absl::Minutes(1), .priority = absl::Minutes(15), .routine_working_days = 20};
  EXPECT_EQ(Deadline(Urgency::kRoutine, "2020-03-25 10:00"), "2020-04-02 10:00");
  EXPECT_EQ(Look(Urgency::kPriority, "2020-04-01 10:00"), "2020-04-01 10:15");
}

}  // namespace
}  // namespace veille::referral
