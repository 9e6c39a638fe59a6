#pragma once

// The one place where an error gets its shape: a gRPC code, a named reason that programs can act
// on (google.rpc.ErrorInfo, domain "veille"), and a sentence for people. Services name their own
// errors on top of this (`errors::LeaseExpired(household)`); nothing else builds a status.
//
// No message, metadata value or field description ever carries personal data: it names the field,
// what is wrong with the value (never the value itself) and the way out.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "veille/common/v1/errors.pb.h"

namespace veille::errors {

using Reason = ::veille::common::v1::ErrorReason;

inline constexpr std::string_view kDomain = "veille";

// An error with its reason; `metadata` holds ids and numbers only.
absl::Status Make(absl::StatusCode code, Reason reason, std::string_view message,
                  const std::map<std::string, std::string>& metadata = {});

// Adds google.rpc.RetryInfo: trying again after `delay` helps.
absl::Status WithRetry(absl::Status status, absl::Duration delay);
// What it says; nothing when it has none.
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// The reason of a status made here (or read from a peer); ERROR_REASON_UNSPECIFIED when it has
// none.
Reason ReasonOf(const absl::Status& status);

// All that is wrong with a request, told at once (google.rpc.BadRequest).
class Violations {
 public:
  // `field` is the path in the request ("rows[3].birth_date"); `description` says what is wrong
  // with the value and what to send instead, without repeating the value.
  void Add(std::string field, std::string description);
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }

  // OK when there are none, else INVALID_ARGUMENT with reason INVALID_FIELDS.
  absl::Status ToStatus() const;

 private:
  struct Item {
    std::string field;
    std::string description;
  };
  std::vector<Item> items_;
};

// Errors that every service has.
absl::Status Internal(std::string_view what_is_logged_elsewhere = "internal error");
absl::Status RequestIdReused();
absl::Status EtagMismatch();
absl::Status Overloaded(absl::Duration retry_after);
absl::Status Draining();
absl::Status DeadlinePassed();
absl::Status Cancelled();
absl::Status DatabaseUnavailable();

}  // namespace veille::errors
