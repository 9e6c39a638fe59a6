#include "common/telemetry/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

namespace veille::metrics {

std::string_view NameOf(Label label) {
  switch (label) {
    case Label::kBatch:
      return "batch";
    case Label::kBucket:
      return "bucket";
    case Label::kGrpcCode:
      return "grpc_code";
    case Label::kGrpcMethod:
      return "grpc_method";
    case Label::kGrpcService:
      return "grpc_service";
    case Label::kGrpcType:
      return "grpc_type";
    case Label::kOutcome:
      return "outcome";
    case Label::kReason:
      return "reason";
    case Label::kRole:
      return "role";
    case Label::kService:
      return "service";
    case Label::kState:
      return "state";
    case Label::kUrgency:
      return "urgency";
    case Label::kVerdict:
      return "verdict";
    case Label::kVersion:
      return "version";
  }
  return {};
}

// Collects the samples of one family until another one begins.
class Scrape::Writer {
 public:
  prometheus::ClientMetric& Sample(const Family& family, const Labels& labels,
                                   prometheus::MetricType type) {
    prometheus::MetricFamily& current = family_[0];
    if (current.name != family.name()) {
      Flush();
      current.name = std::string(family.name());
      current.help = std::string(family.help());
      current.type = type;
    }
    prometheus::ClientMetric& sample = current.metric.emplace_back();
    sample.label.reserve(labels.size());
    for (const LabelValue& label : labels) {
      sample.label.push_back({std::string(NameOf(label.label)), label.value});
    }
    return sample;
  }

  void Flush() {
    if (family_[0].metric.empty()) return;
    serializer_.Serialize(text_, family_);
    family_[0].metric.clear();
  }

  std::string Text() {
    Flush();
    return std::move(text_).str();
  }

 private:
  const prometheus::TextSerializer serializer_;
  std::vector<prometheus::MetricFamily> family_{1};  // one
  std::ostringstream text_;
};

Scrape::Scrape() : writer_(std::make_unique<Writer>()) {}
Scrape::~Scrape() = default;

void Scrape::Add(const Family& family, const Labels& labels, const Counter& counter) {
  Total(family, labels, static_cast<double>(counter.value()));
}

void Scrape::Add(const Family& family, const Labels& labels, const Histogram& histogram) {
  prometheus::ClientMetric::Histogram& sample =
      writer_->Sample(family, labels, prometheus::MetricType::Histogram).histogram;
  uint64_t count = 0;
  for (size_t i = 0; i < histogram.bounds().size(); ++i) {
    count += histogram.count(i);
    sample.bucket.push_back({count, histogram.bounds()[i]});
  }
  count += histogram.count(histogram.bounds().size());
  sample.bucket.push_back({count, INFINITY});
  sample.sample_count = count;
  sample.sample_sum = histogram.sum();
}

void Scrape::Total(const Family& family, const Labels& labels, double total) {
  writer_->Sample(family, labels, prometheus::MetricType::Counter).counter.value = total;
}

void Scrape::Gauge(const Family& family, const Labels& labels, double value) {
  writer_->Sample(family, labels, prometheus::MetricType::Gauge).gauge.value = value;
}

std::string Scrape::Text() { return writer_->Text(); }

}  // namespace veille::metrics
