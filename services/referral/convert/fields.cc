#include "referral/convert/fields.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "referral/domain/commune.h"
#include "veille/common/v1/need.pb.h"
#include "veille/common/v1/referral_state.pb.h"

namespace veille::referral {
namespace {

constexpr int kMostStates = 8;
constexpr int kUrgencies = 3;
constexpr size_t kLongestZone = 64;

// The different values of a list, each known.
template <typename Enum>
std::vector<Enum> ReadDifferent(std::string_view field,
                                const google::protobuf::RepeatedField<int>& values,
                                bool (*is_valid)(int), Violations& violations) {
  std::vector<Enum> read;
  std::set<int> seen;
  for (int i = 0; i < values.size(); ++i) {
    if (values[i] == 0 || !is_valid(values[i])) {
      violations.Add(At(field, i), "is not a known value");
    } else if (!seen.insert(values[i]).second) {
      violations.Add(At(field, i), "stands in the list before");
    } else {
      read.push_back(static_cast<Enum>(values[i]));
    }
  }
  return read;
}

}  // namespace

std::string ReadCommune(std::string_view field, const std::string& code, Violations& violations) {
  if (!IsInseeCode(code)) {
    violations.Add(std::string(field), code.empty()
                                           ? "is required"
                                           : "is not an INSEE code of 5 characters such as 31555");
  }
  return code;
}

std::vector<std::string> ReadCommunes(std::string_view field,
                                      const google::protobuf::RepeatedPtrField<std::string>& codes,
                                      int least, int most, Violations& violations) {
  CheckCount(field, codes.size(), least, most, violations);
  std::vector<std::string> read;
  for (int i = 0; i < codes.size(); ++i) {
    read.push_back(ReadCommune(At(field, i), codes[i], violations));
  }
  return read;
}

std::string ReadPhone(std::string_view field, const std::string& phone, Violations& violations) {
  const bool fits = phone.size() >= 8 && phone.size() <= 16 && phone[0] == '+' && phone[1] != '0' &&
                    std::all_of(phone.begin() + 1, phone.end(), absl::ascii_isdigit);
  if (!fits) violations.Add(std::string(field), "is not E.164: + and 7 to 15 digits");
  return phone;
}

std::string ReadTimeZone(std::string_view field, const std::string& name, Violations& violations) {
  absl::TimeZone zone;
  // A path could lead out of the time zone database.
  const bool fits = !name.empty() && name.size() <= kLongestZone && name[0] != '/' &&
                    name.find("..") == std::string::npos && absl::LoadTimeZone(name, &zone);
  if (!fits) {
    violations.Add(std::string(field),
                   name.empty() ? "is required" : "is not an IANA name such as Europe/Paris");
  }
  return name;
}

std::vector<ReferralState> ReadStates(const google::protobuf::RepeatedField<int>& states,
                                      Violations& violations) {
  CheckCount("states", states.size(), 0, kMostStates, violations);
  return ReadDifferent<ReferralState>("states", states, common::v1::ReferralState_IsValid,
                                      violations);
}

std::vector<Urgency> ReadUrgencies(const google::protobuf::RepeatedField<int>& urgencies,
                                   Violations& violations) {
  CheckCount("urgencies", urgencies.size(), 0, kUrgencies, violations);
  return ReadDifferent<Urgency>("urgencies", urgencies, common::v1::Urgency_IsValid, violations);
}

std::vector<Need> ReadNeeds(std::string_view field,
                            const google::protobuf::RepeatedField<int>& needs, int least,
                            Violations& violations) {
  CheckCount(field, needs.size(), least, kNeeds, violations);
  return ReadDifferent<Need>(field, needs, common::v1::Need_IsValid, violations);
}

}  // namespace veille::referral
