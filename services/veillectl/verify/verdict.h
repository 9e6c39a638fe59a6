#pragma once

// One thing that a partner's machine must do, and whether it does.

#include <string>
#include <utility>
#include <vector>

namespace veille::veillectl {

struct Verdict {
  enum class Kind { kOk, kWrong, kNotTried };

  std::string step;  // "what another key signed is refused"
  Kind kind = Kind::kOk;
  std::string words = {};  // what to do, or why it was not tried; may be empty
};

using Verdicts = std::vector<Verdict>;

inline Verdict Fine(std::string step, std::string words = "") {
  return {std::move(step), Verdict::Kind::kOk, std::move(words)};
}
inline Verdict Wrong(std::string step, std::string words) {
  return {std::move(step), Verdict::Kind::kWrong, std::move(words)};
}
inline Verdict NotTried(std::string step, std::string words) {
  return {std::move(step), Verdict::Kind::kNotTried, std::move(words)};
}

}  // namespace veille::veillectl
