#include "tenant_registry/domain/phone_library.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"

namespace veille::tenant_registry {
namespace {

namespace phones = ::i18n::phonenumbers;

// Whose national numbers begin with 0 and are told apart by what follows.
constexpr std::array kFrenchRegions = {"FR", "GP", "MQ", "GF", "RE", "YT"};

// Prefixes that are dialled from all of France and lie overseas. 0639 is not among them: Mayotte
// shares it with the numbers for fiction of metropolitan France.
struct Overseas {
  std::string_view prefix;  // behind the 0
  const char* region;
};
constexpr std::array kOverseas = {
    Overseas{"262", "RE"}, Overseas{"263", "RE"}, Overseas{"269", "YT"}, Overseas{"508", "PM"},
    Overseas{"590", "GP"}, Overseas{"594", "GF"}, Overseas{"596", "MQ"}, Overseas{"690", "GP"},
    Overseas{"691", "GP"}, Overseas{"692", "RE"}, Overseas{"693", "RE"}, Overseas{"694", "GF"},
    Overseas{"696", "MQ"}, Overseas{"697", "MQ"}};

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

// The nine digits behind the 0 of a number that is typed nationally; empty when it is not.
std::string NineDigits(const std::string& typed) {
  std::string digits;
  for (const char c : typed) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits.push_back(c);
  }
  if (digits.size() == 10 && digits[0] == '0') digits.erase(0, 1);
  return digits.size() == 9 && typed.find('+') == std::string::npos ? digits : "";
}

// A number that is typed nationally and lies overseas, wherever the household lives.
std::optional<PhoneNumber> ReadOverseas(const std::string& typed) {
  const auto& util = *phones::PhoneNumberUtil::GetInstance();
  const std::string nine = NineDigits(typed);
  for (const Overseas& overseas : kOverseas) {
    if (!nine.starts_with(overseas.prefix)) continue;
    // Saint-Pierre-et-Miquelon has numbers of six digits; the 0508 stands for its country code.
    const bool six = overseas.prefix == "508";
    const auto there = ParseIn(six ? nine.substr(3) : "0" + nine, overseas.region);
    if (!there.has_value()) return std::nullopt;
    if (util.IsValidNumber(*there)) return Found(*there, PhoneVerdict::kValid, typed);
    if (HasShape(*there)) return Found(*there, PhoneVerdict::kPossible, typed);
  }
  return std::nullopt;
}

}  // namespace

PhoneNumber AskLibrary(std::string_view text, const std::string& region) {
  const auto& util = *phones::PhoneNumberUtil::GetInstance();
  const std::string typed(text);
  if (std::optional<PhoneNumber> overseas = ReadOverseas(typed)) return *std::move(overseas);
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

}  // namespace veille::tenant_registry
