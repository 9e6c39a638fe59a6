#include "tenant_registry/domain/phone_number.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "tenant_registry/domain/phone_library.h"
#include "tenant_registry/domain/phone_shortcut.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

constexpr size_t kMostPerCell = 10;

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// One number, however it is parted inside.
PhoneNumber ReadOne(std::string_view text, const std::string& region) {
  std::optional<PhoneNumber> usual = ReadUsualShape(text, region);
  return usual.has_value() ? *std::move(usual) : AskLibrary(text, region);
}

// Numbers that only spaces part: words are gathered until they make a number.
void ReadWords(std::string_view piece, const std::string& region, std::vector<PhoneNumber>& out) {
  std::string gathered;
  std::vector<PhoneNumber> found;
  for (const std::string_view word : Split(piece, ' ')) {
    if (!gathered.empty() && word[0] == '+') {
      found.push_back(ReadOne(gathered, region));
      gathered.clear();
    }
    if (!gathered.empty()) gathered += ' ';
    gathered += word;
    PhoneNumber number = ReadOne(gathered, region);
    if (number.verdict == PhoneVerdict::kInvalid) continue;
    found.push_back(std::move(number));
    gathered.clear();
  }
  if (HasDigit(gathered)) found.push_back(ReadOne(gathered, region));
  const bool any = std::any_of(found.begin(), found.end(), [](const PhoneNumber& number) {
    return number.verdict != PhoneVerdict::kInvalid;
  });
  if (any) {
    std::move(found.begin(), found.end(), std::back_inserter(out));
  } else {
    out.push_back(PhoneNumber{PhoneVerdict::kInvalid, "", std::string(piece)});
  }
}

// U+2010 to U+2015 are what word processors make of a hyphen.
std::string WithPlainDashes(std::string text) {
  for (size_t at = text.find("\xe2\x80"); at != std::string::npos && at + 2 < text.size();
       at = text.find("\xe2\x80", at + 1)) {
    const unsigned char last = static_cast<unsigned char>(text[at + 2]);
    if (last >= 0x90 && last <= 0x95) text.replace(at, 3, "-");
  }
  return text;
}

// Slashes, semicolons, commas, bars and words ("ou", "et") part numbers.
std::vector<std::string> Pieces(std::string_view cell) {
  std::vector<std::string> pieces(1);
  for (const char c : cell) {
    const bool letter =
        absl::ascii_isalpha(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
    if (letter || c == '/' || c == ';' || c == ',' || c == '|') {
      if (!pieces.back().empty()) pieces.emplace_back();
    } else {
      pieces.back().push_back(c);
    }
  }
  return pieces;
}

}  // namespace

std::vector<PhoneNumber> ReadPhones(std::string_view cell, std::string_view region) {
  std::vector<PhoneNumber> numbers;
  const std::string home(region);
  for (const std::string& piece : Pieces(WithPlainDashes(CleanCell(cell).value_or("")))) {
    const std::string text = CleanCell(piece).value_or("");
    if (!HasDigit(text) || numbers.size() >= kMostPerCell) continue;
    PhoneNumber whole = ReadOne(text, home);
    if (whole.verdict != PhoneVerdict::kInvalid || text.find(' ') == std::string::npos) {
      numbers.push_back(std::move(whole));
    } else {
      ReadWords(text, home, numbers);
    }
  }
  return numbers;
}

}  // namespace veille::tenant_registry
