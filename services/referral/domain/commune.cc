#include "referral/domain/commune.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace veille::referral {

bool IsInseeCode(std::string_view code) {
  if (code.size() != 5) return false;
  const bool corsica = code.substr(0, 2) == "2A" || code.substr(0, 2) == "2B";
  const std::string_view digits = corsica ? code.substr(2) : code;
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) return false;
  return code.substr(0, 2) != "00" && code.substr(0, 2) != "99";
}

std::string RoutingCommune(std::string_view code) {
  if (code >= "75101" && code <= "75120") return "75056";
  if (code >= "69381" && code <= "69389") return "69123";
  if (code >= "13201" && code <= "13216") return "13055";
  return std::string(code);
}

}  // namespace veille::referral
