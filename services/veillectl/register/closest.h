#pragma once

// What was probably meant by a misspelt name.

#include <string>
#include <string_view>
#include <vector>

namespace veille::veillectl {

// Names are compared without case, accents' composition and blanks at the ends.
std::string FoldName(std::string_view name);

// The name with the fewest letters to change, whether near or not; empty without names.
std::string Closest(std::string_view name, const std::vector<std::string>& names);

}  // namespace veille::veillectl
