#pragma once

// Dates as registers have them, and ages on a date.

#include <string_view>

#include "absl/time/civil_time.h"

namespace veille::tenant_registry {

// In what order a file writes its dates.
enum class DateOrder { kDayMonthYear = 1, kYearMonthDay = 2, kMonthDayYear = 3 };

struct ParsedDate {
  enum class Result {
    kRead,
    kDoesNotExist,  // three numbers, but no such day (or one before 1900)
    kUnreadable,
  };
  Result result = Result::kUnreadable;
  absl::CivilDay day;
};

// The parts are parted by / . - or a space, or by nothing when the year has four digits and the
// other parts two. A time of day behind the date is ignored.
ParsedDate ParseDate(std::string_view text, DateOrder order);

// In whole years. Who is born on 29 February is a year older on 1 March of other years.
int AgeOn(absl::CivilDay birth, absl::CivilDay day);

// The last day on which somebody was born who has this age on `day`: whoever is born then or before
// has it, nobody else.
absl::CivilDay LatestBirthDate(int age, absl::CivilDay day);

}  // namespace veille::tenant_registry
