#pragma once

// How a register writes its dates, as a mapping says it: "dd/mm/yyyy".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "veille/registry/v1/register_row.pb.h"

namespace veille::veillectl {

struct DatePattern {
  registry::v1::DateFormat order = registry::v1::DATE_FORMAT_DAY_MONTH_YEAR;
  char separator = '/';  // '\0' when there is none

  bool operator==(const DatePattern&) const = default;
};

// "dd/mm/yyyy", "yyyy-mm-dd", "mm/dd/yyyy", "ddmmyyyy" …; nothing when it is no such pattern.
std::optional<DatePattern> PatternOf(std::string_view text);

// The date as yyyy-mm-dd when it is written in this pattern and its month and day are numbers that
// months and days have; whether the day exists is for the service to say. A time of day behind the
// date is left out.
std::optional<std::string> IsoDate(std::string_view text, const DatePattern& pattern);

// Whether two patterns would read the same text as different dates.
bool AreAmbiguous(const DatePattern& a, const DatePattern& b);

}  // namespace veille::veillectl
