#pragma once

// JSON that has one meaning only: no member twice in an object (however it is escaped), no byte
// order mark, no NUL, valid UTF-8, nothing behind the value, and no deeper than kDeepest.

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace veille::tokens {

inline constexpr int kDeepestJson = 16;

struct JsonProblem {
  enum Kind { kNone, kNotJson, kDuplicateMember, kTooDeep } kind = kNone;
  size_t byte = 0;  // of kNotJson: where
};

// The value, or nothing and the problem.
std::optional<nlohmann::json> ParseStrictJson(std::string_view text,
                                              JsonProblem* problem = nullptr);

}  // namespace veille::tokens
