#pragma once

// Figures for the operator, in the form that Prometheus scrapes.
//
// Whatever counts owns its counters as members and shows them when it is scraped:
//
//   constexpr metrics::Family kReruns{"veille_lane_reruns_total", "Transactions run again."};
//   void Lanes::Expose(metrics::Scrape& scrape) const { scrape.Add(kReruns, {}, reruns_); }
//
// Nothing is registered and nothing is looked up where something is counted.
//
//  * Units are base units, named in the family: seconds, bytes, rows. A counter ends in _total.
//  * Threads: counters and histograms may be written and read by any number of threads; a Scrape
//    belongs to one.
//  * Cost: a Counter is one relaxed atomic addition, a Histogram two (and a walk over at most
//    kMostBounds bounds). Memory is that of the members; a scrape takes that of its text and, for a
//    moment, some 500 bytes for each sample of its largest family.
//
// No personal data gets here by accident: names are literals, labels are an enum, and a label's
// value is a literal or what the caller vouches for as a name of the contract or the build
// (log::Text). Identifiers, which a log may hold, have no way in.

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/telemetry/log.h"

namespace veille::metrics {

// Name and help of a metric, checked when it is compiled.
class Family {
 public:
  consteval Family(log::Literal name, log::Literal help) : name_(name.text()), help_(help.text()) {
    for (const char c : name_) {
      if ((c < 'a' || c > 'z') && c != '_') throw "a metric's name is lower case letters and _";
    }
  }
  std::string_view name() const { return name_; }
  std::string_view help() const { return help_; }

 private:
  std::string_view name_;
  std::string_view help_;
};

// All labels that there are. Each has few values, known when the service is built: never a person,
// a household, a landlord, a partner or a campaign.
enum class Label {
  kBatch,
  kBucket,
  kGrpcCode,
  kGrpcMethod,
  kGrpcService,
  kGrpcType,
  kOutcome,
  kReason,
  kRole,
  kService,
  kState,
  kUrgency,
  kVerdict,
  kVersion,
};
std::string_view NameOf(Label label);

struct LabelValue {
  LabelValue(Label label_of_it, log::Literal text) : label(label_of_it), value(text.text()) {}
  LabelValue(Label label_of_it, log::Text text) : label(label_of_it), value(text.value) {}
  Label label;
  std::string value;
};
using Labels = std::vector<LabelValue>;

class Counter {
 public:
  void Add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

inline constexpr size_t kMostBounds = 11;

class Histogram {
 public:
  // `bounds` ascend; they outlive the histogram (a constant).
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}

  void Observe(double value) {
    size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_millionths_.fetch_add(std::llround(value * 1e6), std::memory_order_relaxed);
  }

  std::span<const double> bounds() const { return bounds_; }
  // Of one bucket; the one after the last bound holds the rest.
  uint64_t count(size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  double sum() const {
    return static_cast<double>(sum_millionths_.load(std::memory_order_relaxed)) / 1e6;
  }

 private:
  const std::span<const double> bounds_;
  std::array<std::atomic<uint64_t>, kMostBounds + 1> counts_{};
  std::atomic<int64_t> sum_millionths_{0};
};

// From a call that a cache answers to one that gives up.
inline constexpr std::array kSecondsBounds = {0.001, 0.0025, 0.005, 0.01, 0.025,
                                              0.1,   0.5,    2.5,   10.0};
inline constexpr std::array kBatchBounds = {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0};
static_assert(kSecondsBounds.size() <= kMostBounds && kBatchBounds.size() <= kMostBounds);

// Of every coalescer.
inline constexpr Family kBatchSize{"veille_batch_size", "How many calls shared a transaction."};

// One look at all figures. What is shown is written out family by family, so that a look takes
// little memory: the samples of a family come one after the other, with none of another between.
class Scrape {
 public:
  Scrape();
  ~Scrape();
  Scrape(const Scrape&) = delete;
  Scrape& operator=(const Scrape&) = delete;

  void Add(const Family& family, const Labels& labels, const Counter& counter);
  void Add(const Family& family, const Labels& labels, const Histogram& histogram);
  // What is counted elsewhere (by the kernel).
  void Total(const Family& family, const Labels& labels, double total);
  void Gauge(const Family& family, const Labels& labels, double value);

  // The text format of Prometheus, version 0.0.4. Once, at the end.
  std::string Text();

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace veille::metrics
