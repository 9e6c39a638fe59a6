#include "veillectl/client/failure.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/errors.h"
#include "google/rpc/error_details.pb.h"

namespace veille::veillectl {
namespace {

constexpr char kUsageUrl[] = "veillectl/usage";

template <typename Detail>
std::optional<Detail> Find(const absl::Status& status) {
  std::optional<Detail> found;
  status.ForEachPayload([&found](absl::string_view url, const absl::Cord& payload) {
    Detail detail;
    if (url == absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()) &&
        detail.ParseFromString(std::string(payload))) {
      found = detail;
    }
  });
  return found;
}

std::string ReasonName(const absl::Status& status) {
  const auto info = Find<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : std::string();
}

}  // namespace

absl::Status UsageError(std::string_view message) {
  absl::Status status = absl::InvalidArgumentError(std::string(message));
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kDone;
  if (status.GetPayload(kUsageUrl).has_value()) return kUsage;
  const bool unanswered = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  return unanswered && ReasonName(status).empty() ? kUnreachable : kRefused;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto retry = Find<google::rpc::RetryInfo>(status);
  if (!retry.has_value()) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) +
         absl::Nanoseconds(retry->retry_delay().nanos());
}

bool WorthRepeating(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return true;
    case absl::StatusCode::kUnknown:  // gRPC's own, when a process dies while it answers
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
      return ReasonName(status).empty();
    default:
      return false;
  }
}

std::string Explain(const absl::Status& status, const std::string& request_id) {
  const std::string message(status.message());
  if (ExitCodeOf(status) == kUsage) return absl::StrCat("veillectl: ", message, "\n");
  if (ExitCodeOf(status) == kUnreachable) {
    return absl::StrCat("veillectl: no answer: ", message,
                        "\n  Is the service running, and is its address right (see --help)?\n",
                        request_id.empty()
                            ? ""
                            : absl::StrCat("  To be safe against doing it twice, repeat with "
                                           "--request-id ",
                                           request_id, "\n"));
  }
  const std::string reason = ReasonName(status);
  std::string text = absl::StrCat(
      "veillectl: refused: ", reason.empty() ? absl::StatusCodeToString(status.code()) : reason,
      "\n  ", message, "\n");
  if (const auto bad = Find<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad->field_violations()) {
      absl::StrAppend(&text, "  - ", violation.field(), ": ", violation.description(), "\n");
    }
  }
  if (reason == "REASON_REQUIRED") {
    absl::StrAppend(&text, "  Say it with --reason WHY\n");
  }
  if (const auto delay = RetryDelayOf(status)) {
    absl::StrAppend(&text, "  Try again in ", absl::FormatDuration(*delay));
    if (!request_id.empty()) absl::StrAppend(&text, " with --request-id ", request_id);
    absl::StrAppend(&text, "\n");
  }
  return text;
}

std::string ExplainAsJson(const absl::Status& status, const std::string& request_id) {
  nlohmann::ordered_json error;
  error["code"] = absl::StatusCodeToString(status.code());
  error["reason"] = ReasonName(status);
  error["message"] = std::string(status.message());
  error["exit_code"] = static_cast<int>(ExitCodeOf(status));
  if (!request_id.empty()) error["request_id"] = request_id;
  if (const auto bad = Find<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad->field_violations()) {
      error["field_violations"].push_back(
          {{"field", violation.field()}, {"description", violation.description()}});
    }
  }
  if (const auto delay = RetryDelayOf(status)) {
    error["retry_delay"] = absl::FormatDuration(*delay);
  }
  return nlohmann::ordered_json{{"error", error}}.dump(
             2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace veille::veillectl
