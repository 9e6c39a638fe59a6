#pragma once

// The figures of a running service, as Prometheus would scrape them.

#include <map>
#include <set>
#include <string>
#include <vector>

namespace veille::e2e {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

class Metrics {
 public:
  // Throws for a line that is not in Prometheus' text format.
  explicit Metrics(const std::string& text);

  const std::vector<Sample>& samples() const { return samples_; }
  std::set<std::string> names() const;

  // The sum of all samples of this name that have these labels among theirs; -1 when there are
  // none.
  double Sum(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;

 private:
  std::vector<Sample> samples_;
};

// Fails the test, and is empty, when /metrics is not answered with 200.
Metrics Scrape(const std::string& admin_address);

}  // namespace veille::e2e
