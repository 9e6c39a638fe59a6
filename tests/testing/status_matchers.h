#pragma once

// Matchers for absl::Status and absl::StatusOr:
//
//   ASSERT_THAT(partners.Get(id), IsOk());
//   EXPECT_THAT(lease, StatusIs(absl::StatusCode::kNotFound));
//   EXPECT_THAT(lease, ReasonIs(common::v1::ERROR_REASON_NO_CALL_DUE));

#include <gmock/gmock.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/errors.h"

namespace veille::testing {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

}  // namespace internal

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << internal::StatusOf(arg);
  return arg.ok();
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << internal::StatusOf(arg);
  return internal::StatusOf(arg).code() == code;
}

MATCHER_P(ReasonIs, reason, "has the reason " + common::v1::ErrorReason_Name(reason)) {
  *result_listener << internal::StatusOf(arg);
  return errors::ReasonOf(internal::StatusOf(arg)) == reason;
}

}  // namespace veille::testing
