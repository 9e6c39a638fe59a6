#include "veillectl/register/date_pattern.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

constexpr std::pair<pb::DateFormat, std::array<const char*, 3>> kOrders[] = {
    {pb::DATE_FORMAT_DAY_MONTH_YEAR, {"dd", "mm", "yyyy"}},
    {pb::DATE_FORMAT_YEAR_MONTH_DAY, {"yyyy", "mm", "dd"}},
    {pb::DATE_FORMAT_MONTH_DAY_YEAR, {"mm", "dd", "yyyy"}},
};

struct Parts {
  std::string year, month, day;
};

std::string* PartOf(Parts& parts, char letter) {
  return letter == 'y' ? &parts.year : letter == 'm' ? &parts.month : &parts.day;
}

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// The digits of each part, in the pattern's order: what follows must be nothing or a time.
std::optional<Parts> Split(std::string_view text, const DatePattern& pattern) {
  Parts parts;
  for (const auto& [order, names] : kOrders) {
    if (order != pattern.order) continue;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i];
      std::string* digits = PartOf(parts, name[0]);
      while (!text.empty() && IsDigit(text[0]) && digits->size() < name.size()) {
        digits->push_back(text[0]);
        text.remove_prefix(1);
      }
      if (i + 1 == names.size() || pattern.separator == '\0') continue;
      if (text.empty() || text[0] != pattern.separator) return std::nullopt;
      text.remove_prefix(1);
    }
  }
  if (!text.empty() && text[0] != ' ' && text[0] != 'T') return std::nullopt;
  return parts;
}

bool IsWithin(std::string_view digits, int least, int most) {
  int number = 0;
  return absl::SimpleAtoi(std::string(digits), &number) && number >= least && number <= most;
}

}  // namespace

std::optional<DatePattern> PatternOf(std::string_view text) {
  const std::string lower = absl::AsciiStrToLower(std::string(text));
  for (const auto& [order, names] : kOrders) {
    for (const char separator : {'/', '-', '.', ' ', '\0'}) {
      const std::string between(separator == '\0' ? 0 : 1, separator);
      if (lower == absl::StrCat(names[0], between, names[1], between, names[2])) {
        return DatePattern{order, separator};
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> IsoDate(std::string_view text, const DatePattern& pattern) {
  const std::optional<Parts> parts = Split(text, pattern);
  if (!parts.has_value() || parts->year.size() != 4) return std::nullopt;
  const bool whole =
      pattern.separator != '\0' || (parts->month.size() == 2 && parts->day.size() == 2);
  if (!whole || !IsWithin(parts->month, 1, 12) || !IsWithin(parts->day, 1, 31)) return std::nullopt;
  return absl::StrCat(parts->year, "-", parts->month, "-", parts->day);
}

bool AreAmbiguous(const DatePattern& a, const DatePattern& b) {
  const bool year_first_a = a.order == pb::DATE_FORMAT_YEAR_MONTH_DAY;
  const bool year_first_b = b.order == pb::DATE_FORMAT_YEAR_MONTH_DAY;
  if (a.order == b.order || a.separator != b.separator) return false;
  return year_first_a == year_first_b || a.separator == '\0';
}

}  // namespace veille::veillectl
