#pragma once

// When somebody at a town hall, a social centre or an association can be expected to answer: Monday
// to Friday, 9 to 12 and 14 to 17 by the clock of the place, except on public holidays.
//
//   everywhere            1 January, Easter Monday, 1 May, 8 May, Ascension, Whit Monday, 14 July,
//                         15 August, 1 and 11 November, 25 December  (Code du travail L3133-1)
//   57, 67, 68            Good Friday and 26 December (L3134-13). Good Friday there is a holiday of
//                         the communes that have a Protestant church; it is taken for all of them.
//   overseas              the day that commemorates the abolition of slavery (loi n° 83-550 of
//                         30 June 1983; Code du travail L3422-2): 976 Mayotte 27 April,
//                         972 Martinique 22 May, 971 Guadeloupe 27 May, 973 Guyane 10 June,
//                         977 Saint-Barthélemy 9 October, 974 La Réunion 20 December; and
//                         978 Saint-Martin 28 May, as it is kept there since 2018 (loi n° 2017-256,
//                         whose date the code prints wrongly, and the yearly circulars).
//
// Days that the Pacific territories have by laws of their own (986, 987, 988) are not known: a
// deadline there may end a day too soon, which asks somebody else sooner.

#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/time/acknowledge_deadlines.h"

namespace veille::referral {

// Gregorian.
absl::CivilDay EasterSunday(absl::civil_year_t year);

// `commune` is an INSEE code; one that says nothing has the days of everywhere.
bool IsPublicHoliday(absl::CivilDay day, std::string_view commune);

inline constexpr absl::Duration WorkingDay() { return time::kWorkingDay; }

// The same time of the clock so many days of the calendar later, whatever days these are.
absl::Time AddCalendarDays(absl::Time start, int days, absl::TimeZone zone);

// The moment at which `working` (not negative) of working time has passed since `start`. It lies
// within working hours, their ends included: what ends with a day ends at 17:00, not the next
// morning at 9:00. Without working time to pass it is `start`, or the next opening.
absl::Time AddWorkingTime(absl::Time start, absl::Duration working, absl::TimeZone zone,
                          std::string_view commune);

}  // namespace veille::referral
