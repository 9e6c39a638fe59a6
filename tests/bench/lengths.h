#pragma once

// How long each of many operations took, and what is said of them: one JSON object of milliseconds.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace veille::bench {

class Lengths {
 public:
  void Add(absl::Duration length) { all_.push_back(absl::ToDoubleMilliseconds(length)); }
  void Add(const Lengths& more) { all_.insert(all_.end(), more.all_.begin(), more.all_.end()); }
  size_t size() const { return all_.size(); }

  // `"p50_ms": 1.234, "p90_ms": …, "p99_ms": …, "max_ms": …`, each name after `prefix`.
  std::string Fields(const std::string& prefix = "") {
    std::sort(all_.begin(), all_.end());
    return absl::StrFormat(
        "\"%1$sp50_ms\": %2$.3f, \"%1$sp90_ms\": %3$.3f, \"%1$sp99_ms\": %4$.3f, "
        "\"%1$smax_ms\": %5$.3f",
        prefix, At(0.5), At(0.9), At(0.99), At(1));
  }

 private:
  double At(double share) const {
    if (all_.empty()) return 0;
    return all_[static_cast<size_t>(share * static_cast<double>(all_.size() - 1))];
  }

  std::vector<double> all_;
};

}  // namespace veille::bench
