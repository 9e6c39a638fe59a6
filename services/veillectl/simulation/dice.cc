#include "veillectl/simulation/dice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "veillectl/client/digest.h"

namespace veille::veillectl {

Dice::Dice(uint64_t seed, std::string_view whom)
    : prefix_(absl::StrCat(seed, "\n", std::string(whom), "\n")) {}

double Dice::Roll(std::string_view what) const {
  const std::string hash = Sha256(prefix_ + std::string(what));
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) {
    bits = bits << 8 | static_cast<unsigned char>(hash[static_cast<size_t>(i)]);
  }
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

size_t Dice::Pick(std::string_view what, size_t count) const {
  return std::min(count - 1, static_cast<size_t>(Roll(what) * static_cast<double>(count)));
}

}  // namespace veille::veillectl
