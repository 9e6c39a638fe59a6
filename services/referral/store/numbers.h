#pragma once

#include <cstdint>
#include <vector>

namespace veille::referral {

// The numbers of an enumeration's values, as an array parameter.
template <typename Enum>
std::vector<int32_t> NumbersOf(const std::vector<Enum>& values) {
  std::vector<int32_t> numbers;
  for (const Enum value : values) numbers.push_back(static_cast<int32_t>(value));
  return numbers;
}

}  // namespace veille::referral
