#include "tenant_registry/domain/calendar.h"

#include <array>
#include <charconv>

#include "absl/strings/ascii.h"

namespace veille::tenant_registry {
namespace {

constexpr int kFirstYear = 1900;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
int NumberOf(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}
bool IsPart(char c) { return c == '/' || c == '.' || c == '-' || c == ' '; }

// "14/05/1969 00:00:00" and "1969-05-14T00:00:00" without their time.
std::string_view WithoutTime(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return text;
  const size_t gap = text.find_last_of(" T", colon);
  if (gap == std::string_view::npos) return text;
  for (const char c : text.substr(gap + 1)) {
    if (!IsDigit(c) && c != ':' && c != '.' && c != 'Z' && c != '+') return text;
  }
  return text.substr(0, gap);
}

// Three runs of digits; false when the text is anything else.
bool SplitDate(std::string_view text, DateOrder order, std::array<std::string_view, 3>& parts) {
  if (text.size() == 8 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    const bool year_first = order == DateOrder::kYearMonthDay;
    const size_t first = year_first ? 4 : 2;
    parts = {text.substr(0, first), text.substr(first, 2), text.substr(first + 2)};
    return true;
  }
  size_t at = 0;
  for (size_t part = 0; part < 3; ++part) {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (at == start || at - start > 4) return false;
    parts[part] = text.substr(start, at - start);
    if (part < 2 && (at == text.size() || !IsPart(text[at++]))) return false;
  }
  return at == text.size();
}

}  // namespace

ParsedDate ParseDate(std::string_view text, DateOrder order) {
  std::array<std::string_view, 3> parts;
  if (!SplitDate(WithoutTime(text), order, parts)) return {};
  const auto at = [order](int year_first, int day_first, int month_first) {
    return order == DateOrder::kYearMonthDay   ? year_first
           : order == DateOrder::kDayMonthYear ? day_first
                                               : month_first;
  };
  const std::string_view year_text = parts[at(0, 2, 2)];
  const std::string_view month_text = parts[at(1, 1, 0)];
  const std::string_view day_text = parts[at(2, 0, 1)];
  if (year_text.size() != 4 || month_text.size() > 2 || day_text.size() > 2) return {};
  const int year = NumberOf(year_text), month = NumberOf(month_text), day = NumberOf(day_text);
  const absl::CivilDay read(year, month, day);
  const bool exists = year >= kFirstYear && read.month() == month && read.day() == day;
  return {exists ? ParsedDate::Result::kRead : ParsedDate::Result::kDoesNotExist, read};
}

int AgeOn(absl::CivilDay birth, absl::CivilDay day) {
  const bool before_birthday =
      day.month() < birth.month() || (day.month() == birth.month() && day.day() < birth.day());
  return static_cast<int>(day.year() - birth.year()) - (before_birthday ? 1 : 0);
}

absl::CivilDay LatestBirthDate(int age, absl::CivilDay day) {
  const absl::CivilDay same(day.year() - age, day.month(), day.day());
  // 29 February of a year that has none would roll over to 1 March, whose children are younger.
  return same.month() == day.month() ? same : same - 1;
}

}  // namespace veille::tenant_registry
