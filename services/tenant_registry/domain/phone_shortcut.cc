#include "tenant_registry/domain/phone_shortcut.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#include "absl/strings/ascii.h"
#include "tenant_registry/domain/phone_library.h"

namespace veille::tenant_registry {
namespace {

// The first eight number nine digits after the 0 and nothing else.
constexpr std::array<std::string_view, 12> kRegions = {"FR", "GP", "MQ", "GF", "RE", "YT",
                                                       "BL", "MF", "PM", "NC", "PF", "WF"};
constexpr size_t kNineDigitRegions = 8;
constexpr std::array<std::string_view, 5> kCountryCodes = {"33", "590", "596", "594", "262"};

constexpr size_t kSignificant = 9;
constexpr size_t kDeciding = 5;
constexpr size_t kMostDigits = 32;

bool IsAsciiDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsGap(char c) { return c == ' ' || c == '.' || c == '-'; }

struct Typed {
  std::array<char, kMostDigits> digits;
  size_t count = 0;
  bool plus = false;

  std::string_view text() const { return std::string_view(digits.data(), count); }
  bool StartsWith(std::string_view start) const { return text().starts_with(start); }
};

// Digits with at most one gap between two, a plus at most before them, and (0) at most behind the
// country code. False for anything else.
bool Scan(std::string_view text, Typed& typed) {
  size_t at = 0;
  if (!text.empty() && text[0] == '+') {
    typed.plus = true;
    at = 1;
  }
  bool gap = true;  // none may come first
  bool zero = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (IsAsciiDigit(c)) {
      if (typed.count == kMostDigits) return false;
      typed.digits[typed.count++] = c;
      gap = false;
    } else if (IsGap(c) && !gap) {
      gap = true;
    } else if (text.substr(at, 3) == "(0)" && !zero &&
               typed.text() == (typed.plus ? "33" : "0033")) {
      at += 2;
      zero = true;
      gap = false;
    } else {
      return false;
    }
  }
  return typed.count > 0 && !gap;
}

enum Shape : size_t { kWithZero = 0, kBare = 1, kShapes = 2 };

// What the library said of a range.
using Answer = uint8_t;
constexpr Answer kNotAsked = 0;
constexpr Answer kAskAgain = 1;  // its answer is not the number as typed: no shortcut
constexpr Answer kInvalid = 2;
constexpr Answer kFirstFound = 3;  // + 2 * country code + (1 when only possible)

// Read and written through atomic_ref. Of plain bytes, which are zero without anybody writing them:
// of these 2.5 MB, only what is used takes memory. Atomics would all be written at start.
using Ranges = std::array<Answer, 100'000>;
// The last one is that of +33, the same everywhere.
constinit std::array<Ranges, kRegions.size() * kShapes + 1> answers{};

Answer ToAnswer(const PhoneNumber& number, std::string_view significant) {
  if (number.verdict == PhoneVerdict::kInvalid) return kInvalid;
  for (size_t i = 0; i < kCountryCodes.size(); ++i) {
    if (number.e164.size() != 1 + kCountryCodes[i].size() + kSignificant) continue;
    if (number.e164.compare(1, kCountryCodes[i].size(), kCountryCodes[i]) == 0 &&
        number.e164.ends_with(significant)) {
      const bool possible = number.verdict == PhoneVerdict::kPossible;
      return static_cast<Answer>(kFirstFound + 2 * i + (possible ? 1 : 0));
    }
  }
  return kAskAgain;
}

PhoneNumber FromAnswer(Answer answer, std::string_view significant, std::string_view text) {
  PhoneNumber number{PhoneVerdict::kInvalid, "", std::string(text)};
  if (answer == kInvalid) return number;
  const bool possible = (answer - kFirstFound) % 2 == 1;
  number.verdict = possible ? PhoneVerdict::kPossible : PhoneVerdict::kValid;
  number.e164 = "+";
  number.e164 += kCountryCodes[(answer - kFirstFound) / 2];
  number.e164 += significant;
  return number;
}

std::optional<PhoneNumber> Remembered(Ranges& ranges, std::string_view significant,
                                      std::string_view text, std::string_view region) {
  // Numbers of one digit are told apart by all of theirs.
  if (significant.find_first_not_of(significant[0]) == std::string_view::npos) return std::nullopt;
  size_t range = 0;
  for (const char c : significant.substr(0, kDeciding)) {
    range = 10 * range + static_cast<size_t>(c - '0');
  }
  const std::atomic_ref<Answer> remembered(ranges[range]);
  Answer answer = remembered.load(std::memory_order_relaxed);
  if (answer == kNotAsked) {
    answer = ToAnswer(AskLibrary(text, std::string(region)), significant);
    remembered.store(answer, std::memory_order_relaxed);
  }
  if (answer == kAskAgain) return std::nullopt;
  return FromAnswer(answer, significant, text);
}

// Behind the country code of France; empty when there is none.
std::string_view AfterCountryCode(const Typed& typed) {
  std::string_view rest;
  if (typed.plus && typed.StartsWith("33")) rest = typed.text().substr(2);
  if (!typed.plus && typed.StartsWith("0033")) rest = typed.text().substr(4);
  if (rest.size() == kSignificant + 1 && rest[0] == '0') rest.remove_prefix(1);
  return rest.size() == kSignificant && rest[0] != '0' ? rest : "";
}

// Too short or too long for any number that is typed nationally.
bool IsNoNumber(const Typed& typed, size_t region) {
  if (typed.plus) return false;
  if (typed.text().find_first_not_of('0') == std::string_view::npos) return true;
  if (typed.StartsWith("00")) return false;
  return typed.count <= 5 || (region < kNineDigitRegions && (typed.count <= 8 || typed.count > 13));
}

}  // namespace

std::optional<PhoneNumber> ReadUsualShape(std::string_view text, std::string_view region) {
  const auto known = std::find(kRegions.begin(), kRegions.end(), region);
  Typed typed;
  if (known == kRegions.end() || !Scan(text, typed)) return std::nullopt;
  const size_t place = static_cast<size_t>(known - kRegions.begin());
  if (IsNoNumber(typed, place)) return FromAnswer(kInvalid, "", text);
  if (const std::string_view french = AfterCountryCode(typed); !french.empty()) {
    return Remembered(answers.back(), french, text, region);
  }
  if (typed.plus) return std::nullopt;
  std::string_view significant = typed.text();
  const Shape shape = significant[0] == '0' ? kWithZero : kBare;
  if (shape == kWithZero) significant.remove_prefix(1);
  if (significant.size() != kSignificant || significant[0] == '0') return std::nullopt;
  if (significant.starts_with("508"))
    return std::nullopt;  // six digits behind another country code
  return Remembered(answers[place * kShapes + shape], significant, text, region);
}

}  // namespace veille::tenant_registry
