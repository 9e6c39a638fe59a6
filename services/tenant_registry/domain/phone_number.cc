#include "tenant_registry/domain/phone_number.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

namespace phones = ::i18n::phonenumbers;

// Whose national numbers begin with 0 and are told apart by what follows.
constexpr std::array kFrenchRegions = {"FR", "GP", "MQ", "GF", "RE", "YT"};
constexpr size_t kMostPerCell = 10;

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::optional<phones::PhoneNumber> ParseIn(const std::string& text, const std::string& region) {
  phones::PhoneNumber number;
  const auto& util = *phones::PhoneNumberUtil::GetInstance();
  if (util.Parse(text, region, &number) != phones::PhoneNumberUtil::NO_PARSING_ERROR) {
    return std::nullopt;
  }
  if (number.has_extension()) return std::nullopt;
  return number;
}

// The library's metadata goes by length alone; a number of zeros or of one digit is none.
bool HasShape(const phones::PhoneNumber& number) {
  const auto& util = *phones::PhoneNumberUtil::GetInstance();
  if (util.IsPossibleNumberWithReason(number) != phones::PhoneNumberUtil::IS_POSSIBLE) return false;
  std::string national;
  util.GetNationalSignificantNumber(number, &national);
  return national[0] != '0' && national.find_first_not_of(national[0]) != std::string::npos;
}

PhoneNumber Found(const phones::PhoneNumber& number, PhoneVerdict verdict, std::string_view text) {
  PhoneNumber found{verdict, "", std::string(text)};
  phones::PhoneNumberUtil::GetInstance()->Format(number, phones::PhoneNumberUtil::E164,
                                                 &found.e164);
  return found;
}

// One number, however it is parted inside.
PhoneNumber ReadOne(std::string_view text, const std::string& region) {
  const auto& util = *phones::PhoneNumberUtil::GetInstance();
  const std::string typed(text);
  const std::optional<phones::PhoneNumber> here = ParseIn(typed, region);
  if (here.has_value() && util.IsValidNumber(*here)) {
    return Found(*here, PhoneVerdict::kValid, text);
  }
  if (typed.find('+') == std::string::npos) {
    for (const char* other : kFrenchRegions) {
      const auto there = other == region ? std::nullopt : ParseIn(typed, other);
      if (there.has_value() && util.IsValidNumberForRegion(*there, other)) {
        return Found(*there, PhoneVerdict::kValid, text);
      }
    }
  }
  if (here.has_value() && HasShape(*here)) return Found(*here, PhoneVerdict::kPossible, text);
  return PhoneNumber{PhoneVerdict::kInvalid, "", typed};
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
    if (whole.verdict != PhoneVerdict::kInvalid) {
      numbers.push_back(std::move(whole));
    } else {
      ReadWords(text, home, numbers);
    }
  }
  return numbers;
}

}  // namespace veille::tenant_registry
