#include "referral/domain/working_time.h"

#include <algorithm>
#include <array>

namespace veille::referral {
namespace {

struct Hours {
  int opens;
  int closes;
};
constexpr std::array kHours = {Hours{9, 12}, Hours{14, 17}};

struct DayOfYear {
  int month;
  int day;
};
constexpr std::array kEverywhere = {DayOfYear{1, 1},   DayOfYear{5, 1},  DayOfYear{5, 8},
                                    DayOfYear{7, 14},  DayOfYear{8, 15}, DayOfYear{11, 1},
                                    DayOfYear{11, 11}, DayOfYear{12, 25}};
// After Easter Sunday: Easter Monday, Ascension, Whit Monday.
constexpr std::array kAfterEaster = {1, 39, 50};
constexpr int kGoodFriday = -2;

struct LocalDay {
  std::string_view place;  // the INSEE code begins with it
  DayOfYear day;
};
constexpr std::array kLocal = {
    LocalDay{"57", {12, 26}},  LocalDay{"67", {12, 26}}, LocalDay{"68", {12, 26}},
    LocalDay{"971", {5, 27}},  LocalDay{"972", {5, 22}}, LocalDay{"973", {6, 10}},
    LocalDay{"974", {12, 20}}, LocalDay{"976", {4, 27}}, LocalDay{"977", {10, 9}},
    LocalDay{"978", {5, 28}},
};

bool Falls(absl::CivilDay day, DayOfYear on) {
  return day.month() == on.month && day.day() == on.day;
}

bool IsAlsaceMoselle(std::string_view commune) {
  const std::string_view department = commune.substr(0, 2);
  return department == "57" || department == "67" || department == "68";
}

bool IsWorkingDay(absl::CivilDay day, std::string_view commune) {
  const absl::Weekday weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday &&
         !IsPublicHoliday(day, commune);
}

}  // namespace

// Meeus, Jones and Butcher.
absl::CivilDay EasterSunday(absl::civil_year_t year) {
  const auto golden = year % 19;
  const auto century = year / 100;
  const auto in_century = year % 100;
  const auto moon_shift = (century - (century + 8) / 25 + 1) / 3;
  const auto epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
  const auto weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
  const auto late = (golden + 11 * epact + 22 * weekday) / 451;
  const auto month_and_day = epact + weekday - 7 * late + 114;
  return absl::CivilDay(year, month_and_day / 31, month_and_day % 31 + 1);
}

bool IsPublicHoliday(absl::CivilDay day, std::string_view commune) {
  const auto after_easter = day - EasterSunday(day.year());
  return std::any_of(kEverywhere.begin(), kEverywhere.end(),
                     [day](DayOfYear holiday) { return Falls(day, holiday); }) ||
         std::find(kAfterEaster.begin(), kAfterEaster.end(), after_easter) != kAfterEaster.end() ||
         (after_easter == kGoodFriday && IsAlsaceMoselle(commune)) ||
         std::any_of(kLocal.begin(), kLocal.end(), [day, commune](const LocalDay& local) {
           return commune.substr(0, local.place.size()) == local.place && Falls(day, local.day);
         });
}

absl::Time AddCalendarDays(absl::Time start, int days, absl::TimeZone zone) {
  const absl::CivilSecond from = absl::ToCivilSecond(start, zone);
  const absl::CivilDay day = absl::CivilDay(from) + days;
  return absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), from.hour(),
                                           from.minute(), from.second()),
                         zone);
}

absl::Time AddWorkingTime(absl::Time start, absl::Duration working, absl::TimeZone zone,
                          std::string_view commune) {
  absl::Duration left = working;
  for (absl::CivilDay day = absl::ToCivilDay(start, zone);; ++day) {
    if (!IsWorkingDay(day, commune)) continue;
    for (const Hours hours : kHours) {
      const absl::Time closes = absl::FromCivil(absl::CivilHour(day) + hours.closes, zone);
      const absl::Time from =
          std::max(start, absl::FromCivil(absl::CivilHour(day) + hours.opens, zone));
      if (from > closes) continue;
      if (left <= closes - from) return from + left;
      left -= closes - from;
    }
  }
}

}  // namespace veille::referral
