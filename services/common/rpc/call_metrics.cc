#include "common/rpc/call_metrics.h"

namespace veille::rpc {
namespace {

using google::protobuf::MethodDescriptor;
using metrics::Label;
using metrics::Labels;

constexpr metrics::Family kStarted{"grpc_server_started_total", "Calls begun."};
constexpr metrics::Family kHandled{"grpc_server_handled_total", "Calls ended, by gRPC code."};
constexpr metrics::Family kReceived{"grpc_server_msg_received_total", "Messages from clients."};
constexpr metrics::Family kSent{"grpc_server_msg_sent_total", "Messages to clients."};
constexpr metrics::Family kSeconds{"grpc_server_handling_seconds",
                                   "From the call's arrival to its answer."};

// As go-grpc-prometheus writes them, by number.
constexpr std::array<std::string_view, kGrpcCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

log::Literal TypeOf(const MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? log::Literal("bidi_stream") : log::Literal("client_stream");
  }
  return method.server_streaming() ? log::Literal("server_stream") : log::Literal("unary");
}

}  // namespace

namespace internal {

size_t NextRequestNumber() {
  static std::atomic<size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace internal

CallMetrics::CallMetrics(const std::vector<std::string>& services) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : services) {
    const auto* service = pool->FindServiceByName(name);
    for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
      auto& counts = methods_.emplace_back(std::make_unique<MethodMetrics>());
      const MethodDescriptor& method = *service->method(i);
      counts->labels = {{Label::kGrpcType, TypeOf(method)},
                        {Label::kGrpcService, log::Text{service->full_name()}},
                        {Label::kGrpcMethod, log::Text{method.name()}}};
      by_request_[method.input_type()] = counts.get();
    }
  }
}

MethodMetrics* CallMetrics::Find(const google::protobuf::Descriptor* request) {
  const auto found = by_request_.find(request);
  return found == by_request_.end() ? nullptr : found->second;
}

void CallMetrics::Expose(metrics::Scrape& scrape) const {
  for (const auto& counts : methods_) scrape.Add(kStarted, counts->labels, counts->started);
  for (const auto& counts : methods_) scrape.Add(kReceived, counts->labels, counts->received);
  for (const auto& counts : methods_) scrape.Add(kSent, counts->labels, counts->sent);
  for (const auto& counts : methods_) scrape.Add(kSeconds, counts->labels, counts->seconds);
  for (const auto& counts : methods_) {
    Labels labels = counts->labels;
    labels.emplace_back(Label::kGrpcCode, log::Text{""});
    for (size_t code = 0; code < kGrpcCodes; ++code) {
      labels.back().value = std::string(kCodeNames[code]);
      scrape.Add(kHandled, labels, counts->handled[code]);
    }
  }
}

}  // namespace veille::rpc
