#pragma once

// Texts of a register: typed by many hands, exported by old programs.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace veille::tenant_registry {

// Without white space at its ends, each run of it inside (spaces, tabs, line ends, no-break spaces)
// one space. Nothing when the text has control characters. The text is valid UTF-8.
std::optional<std::string> CleanCell(std::string_view text);

// The parts between separators; empty ones are left out.
std::vector<std::string_view> Split(std::string_view text, char separator);

// Code points.
size_t CountCharacters(std::string_view text);

// The first `most` code points.
std::string Truncate(std::string_view text, size_t most);

// For comparison only: without case, accents and punctuation, words parted by one space.
std::string Fold(std::string_view text);

}  // namespace veille::tenant_registry
