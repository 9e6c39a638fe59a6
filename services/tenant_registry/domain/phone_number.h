#pragma once

// Phone numbers as people type them, to E.164.

#include <string>
#include <string_view>
#include <vector>

namespace veille::tenant_registry {

enum class PhoneVerdict {
  kValid = 1,       // a number of a known range
  kPossible = 2,    // the right shape, the range unknown: callable
  kInvalid = 3,     // not a number
  kNotWorking = 4,  // reported not to work
};

struct PhoneNumber {
  PhoneVerdict verdict = PhoneVerdict::kInvalid;
  std::string e164;      // empty when invalid
  std::string original;  // as it stood in the cell
};

// The numbers of one cell, in order. `region` is the household's (FR, RE, …). A cell may hold
// several numbers, parted or not; one without any digit ("inconnu") holds none. A number that is
// not one of the region's but of another French one typed nationally (0692…) goes to its own
// country code. Threads: any.
std::vector<PhoneNumber> ReadPhones(std::string_view cell, std::string_view region);

}  // namespace veille::tenant_registry
