#pragma once

// Chance that can be repeated: a roll depends on nothing but the seed, whom it is about and what it
// decides, so that two runs, in whatever order, roll the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace veille::veillectl {

class Dice {
 public:
  // `whom`: a name that is the same in every run.
  Dice(uint64_t seed, std::string_view whom);

  // In [0, 1), the same for the same `what`.
  double Roll(std::string_view what) const;

  bool Hits(std::string_view what, double probability) const { return Roll(what) < probability; }

  // An index below `count`, which is 1 or more.
  size_t Pick(std::string_view what, size_t count) const;

 private:
  std::string prefix_;
};

}  // namespace veille::veillectl
