#pragma once

// Finding people by their names.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace veille::tenant_registry {

struct SoughtWord {
  std::string text;     // folded: letters and digits
  bool begins = false;  // whether a word of the name may go on behind it

  friend bool operator==(const SoughtWord&, const SoughtWord&) = default;
};

inline constexpr size_t kMostSoughtWords = 8;

// The words of what somebody typed, each once. One of less than three letters stands for itself:
// half a register begins with it.
std::vector<SoughtWord> WordsToSeek(std::string_view typed);

}  // namespace veille::tenant_registry
