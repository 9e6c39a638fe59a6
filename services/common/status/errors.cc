#include "common/status/errors.h"

#include <utility>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"

namespace veille::errors {
namespace {

namespace pb = ::veille::common::v1;

template <typename Detail>
std::string TypeUrl() {
  return "type.googleapis.com/" + Detail::descriptor()->full_name();
}

template <typename Detail>
void Attach(absl::Status& status, const Detail& detail) {
  // By way of a view: the constructor from std::string&& has another name under clang than in
  // Debian's library, which g++ compiled.
  const std::string bytes = detail.SerializeAsString();
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(absl::string_view(bytes)));
}

// ERROR_REASON_LEASE_EXPIRED travels as LEASE_EXPIRED, as AIP-193 writes reasons.
constexpr std::string_view kPrefix = "ERROR_REASON_";

// Details travel in trailing metadata, of which gRPC clients accept 8 KB; more than that and the
// error itself would be lost.
constexpr size_t kMostDetail = 4000;

std::string NameOf(Reason reason) { return pb::ErrorReason_Name(reason).substr(kPrefix.size()); }

}  // namespace

absl::Status Make(absl::StatusCode code, Reason reason, std::string_view message,
                  const std::map<std::string, std::string>& metadata) {
  absl::Status status(code, std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(NameOf(reason));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  Attach(status, info);
  return status;
}

absl::Status WithRetry(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>((delay % absl::Seconds(1)) / absl::Nanoseconds(1)));
  Attach(status, retry);
  return status;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<google::rpc::RetryInfo>());
  google::rpc::RetryInfo retry;
  if (!payload.has_value() || !retry.ParseFromString(std::string(*payload))) return std::nullopt;
  return absl::Seconds(retry.retry_delay().seconds()) +
         absl::Nanoseconds(retry.retry_delay().nanos());
}

Reason ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<google::rpc::ErrorInfo>());
  google::rpc::ErrorInfo info;
  pb::ErrorReason reason = pb::ERROR_REASON_UNSPECIFIED;
  if (payload.has_value() && info.ParseFromString(std::string(*payload)) &&
      info.domain() == kDomain) {
    pb::ErrorReason_Parse(std::string(kPrefix) + info.reason(), &reason);
  }
  return reason;
}

void Violations::Add(std::string field, std::string description) {
  items_.push_back({std::move(field), std::move(description)});
}

absl::Status Violations::ToStatus() const {
  if (items_.empty()) return absl::OkStatus();
  google::rpc::BadRequest bad;
  std::string message = "the request has invalid fields: ";
  for (size_t i = 0; i < items_.size(); ++i) {
    if (bad.ByteSizeLong() + items_[i].field.size() + items_[i].description.size() > kMostDetail) {
      bad.add_field_violations()->set_description("and " + std::to_string(items_.size() - i) +
                                                  " more; correct these first");
      break;
    }
    auto* violation = bad.add_field_violations();
    violation->set_field(items_[i].field);
    violation->set_description(items_[i].description);
    // The message names the first few; the details name all that fit.
    if (i < 3) message += (i == 0 ? "" : "; ") + items_[i].field + " " + items_[i].description;
  }
  if (items_.size() > 3) message += "; and " + std::to_string(items_.size() - 3) + " more";
  absl::Status status =
      Make(absl::StatusCode::kInvalidArgument, pb::ERROR_REASON_INVALID_FIELDS, message);
  Attach(status, bad);
  return status;
}

absl::Status Internal(std::string_view what) {
  return Make(absl::StatusCode::kInternal, pb::ERROR_REASON_INTERNAL, what);
}

absl::Status RequestIdReused() {
  return Make(absl::StatusCode::kAlreadyExists, pb::ERROR_REASON_REQUEST_ID_REUSED,
              "request_id was used before for something else; send a new one");
}

absl::Status EtagMismatch() {
  return Make(absl::StatusCode::kAborted, pb::ERROR_REASON_ETAG_MISMATCH,
              "the resource has changed since it was read; read it again and repeat the change");
}

absl::Status Overloaded(absl::Duration retry_after) {
  return WithRetry(Make(absl::StatusCode::kResourceExhausted, pb::ERROR_REASON_OVERLOADED,
                        "too many calls are in flight; try again shortly"),
                   retry_after);
}

absl::Status Draining() {
  return WithRetry(Make(absl::StatusCode::kUnavailable, pb::ERROR_REASON_DRAINING,
                        "this server is stopping; call again, another one answers"),
                   absl::Seconds(1));
}

absl::Status DeadlinePassed() {
  return Make(absl::StatusCode::kDeadlineExceeded, pb::ERROR_REASON_DEADLINE_PASSED,
              "the deadline passed before the work was done; nothing was changed");
}

absl::Status Cancelled() {
  return Make(absl::StatusCode::kCancelled, pb::ERROR_REASON_CANCELLED,
              "the caller cancelled the call");
}

absl::Status DatabaseUnavailable() {
  return WithRetry(Make(absl::StatusCode::kUnavailable, pb::ERROR_REASON_DATABASE_UNAVAILABLE,
                        "the database does not answer; try again shortly"),
                   absl::Seconds(1));
}

}  // namespace veille::errors
