#include "veillectl/register/closest.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"

namespace veille::veillectl {
namespace {

// Column names are short; a hostile mapping must not cost minutes.
constexpr size_t kMostCompared = 200;

// Levenshtein's distance.
size_t Distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMostCompared);
  b = b.substr(0, kMostCompared);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string FoldName(std::string_view name) {
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isascii(static_cast<unsigned char>(c));
  });
  if (ascii) {
    return absl::AsciiStrToLower(absl::StripAsciiWhitespace({name.data(), name.size()}));
  }
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error)) return absl::AsciiStrToLower(std::string(name));
  const icu::UnicodeString text =
      icu::UnicodeString::fromUTF8({name.data(), static_cast<int32_t>(name.size())});
  icu::UnicodeString folded = fold->normalize(text, error);
  folded.trim();
  std::string result;
  folded.toUTF8String(result);
  return result;
}

std::string Closest(std::string_view name, const std::vector<std::string>& names) {
  const std::string folded = FoldName(name);
  std::string closest;
  size_t least = std::numeric_limits<size_t>::max();
  for (const std::string& candidate : names) {
    const size_t distance = Distance(folded, FoldName(candidate));
    if (distance < least) {
      least = distance;
      closest = candidate;
    }
  }
  return closest;
}

}  // namespace veille::veillectl
