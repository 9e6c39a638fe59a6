#include "e2e/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "testing/http.h"

namespace veille::e2e {
namespace {

// name{label="value",…} number
Sample Parse(const std::string& line) {
  static const std::regex kLine(R"re(([a-z_]+)(?:\{(.*)\})? (\S+))re");
  static const std::regex kLabel(R"re(([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$))re");
  std::smatch match;
  Sample sample;
  if (!std::regex_match(line, match, kLine) || !absl::SimpleAtod(match.str(3), &sample.value)) {
    throw std::runtime_error("not a sample: " + line);
  }
  sample.name = match.str(1);
  const std::string labels = match.str(2);
  for (std::sregex_iterator label(labels.begin(), labels.end(), kLabel), end; label != end;
       ++label) {
    sample.labels[label->str(1)] = label->str(2);
  }
  return sample;
}

}  // namespace

Metrics::Metrics(const std::string& text) {
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (line[0] != '#') samples_.push_back(Parse(std::string(line)));
  }
}

std::set<std::string> Metrics::names() const {
  std::set<std::string> names;
  for (const Sample& sample : samples_) names.insert(sample.name);
  return names;
}

double Metrics::Sum(const std::string& name,
                    const std::map<std::string, std::string>& labels) const {
  double sum = 0;
  bool found = false;
  for (const Sample& sample : samples_) {
    if (sample.name != name ||
        !std::includes(sample.labels.begin(), sample.labels.end(), labels.begin(), labels.end())) {
      continue;
    }
    sum += sample.value;
    found = true;
  }
  return found ? sum : -1;
}

Metrics Scrape(const std::string& admin_address) {
  const testing::HttpAnswer answer = testing::Fetch(admin_address, "/metrics");
  EXPECT_EQ(answer.status, 200) << admin_address;
  return Metrics(answer.status == 200 ? answer.body : "");
}

}  // namespace veille::e2e
