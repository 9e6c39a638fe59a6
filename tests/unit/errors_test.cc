#include "common/status/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/sync_wait.h"
#include "common/status/macros.h"
#include "google/rpc/error_details.pb.h"
#include "testing/status_matchers.h"

namespace veille::errors {
namespace {

namespace pb = ::veille::common::v1;
using ::testing::HasSubstr;
using ::testing::Not;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload =
      status.GetPayload("type.googleapis.com/" + Detail::descriptor()->full_name());
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload)));
  return detail;
}

TEST(Errors, EveryReasonSurvivesTheStatus) {
  const auto* reasons = pb::ErrorReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<Reason>(reasons->value(i)->number());
    EXPECT_EQ(ReasonOf(Make(absl::StatusCode::kAborted, reason, "")), reason);
  }
}

TEST(Errors, ReasonTravelsAsAip193WritesIt) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(
      Make(absl::StatusCode::kNotFound, pb::ERROR_REASON_NO_CALL_DUE, "none", {{"left", "3"}}));
  EXPECT_EQ(info.reason(), "NO_CALL_DUE");
  EXPECT_EQ(info.domain(), "veille");
  EXPECT_EQ(info.metadata().at("left"), "3");
}

TEST(Errors, ReasonOfAnotherDomainIsNotOurs) {
  EXPECT_EQ(ReasonOf(absl::InternalError("")), pb::ERROR_REASON_UNSPECIFIED);
  google::rpc::ErrorInfo info;
  info.set_reason("INTERNAL");
  info.set_domain("example.com");
  absl::Status status = absl::InternalError("");
  const std::string bytes = info.SerializeAsString();
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                    absl::Cord(absl::string_view(bytes)));
  EXPECT_EQ(ReasonOf(status), pb::ERROR_REASON_UNSPECIFIED);
}

TEST(Errors, RetryDelayKeepsItsFraction) {
  const auto retry = DetailOf<google::rpc::RetryInfo>(Overloaded(absl::Milliseconds(1200)));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 200'000'000);
}

TEST(Errors, CommonOnesHaveCodeAndReason) {
  EXPECT_THAT(Internal(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(RequestIdReused(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(EtagMismatch(), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Draining(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(DeadlinePassed(), ReasonIs(pb::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_THAT(Cancelled(), ReasonIs(pb::ERROR_REASON_CANCELLED));
  EXPECT_THAT(DatabaseUnavailable(), ReasonIs(pb::ERROR_REASON_DATABASE_UNAVAILABLE));
}

TEST(Violations, AreToldAllAtOnce) {
  Violations violations;
  EXPECT_THAT(violations.ToStatus(), IsOk());
  for (int i = 0; i < 5; ++i) violations.Add("rows[" + std::to_string(i) + "]", "is empty");
  const absl::Status status = violations.ToStatus();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, ReasonIs(pb::ERROR_REASON_INVALID_FIELDS));
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad.field_violations_size(), 5);
  EXPECT_EQ(bad.field_violations(4).field(), "rows[4]");
  EXPECT_EQ(bad.field_violations(4).description(), "is empty");
  EXPECT_THAT(std::string(status.message()), HasSubstr("rows[0] is empty; rows[1] is empty"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("and 2 more"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("rows[3]")));
}

TEST(Violations, AreCappedBecauseMetadataIs) {
  Violations violations;
  for (int i = 0; i < 900; ++i) {
    violations.Add("rows[" + std::to_string(i) + "].birth_date", std::string(200, 'x'));
  }
  const auto bad = DetailOf<google::rpc::BadRequest>(violations.ToStatus());
  EXPECT_LT(bad.ByteSizeLong(), 4200);
  ASSERT_GT(bad.field_violations_size(), 10);
  const int told = bad.field_violations_size() - 1;
  EXPECT_THAT(bad.field_violations(told).description(),
              HasSubstr("and " + std::to_string(900 - told) + " more"));
}

absl::StatusOr<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return std::make_unique<int>(number / 2);
}

absl::StatusOr<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(number));
  RETURN_IF_ERROR(absl::OkStatus());
  ASSIGN_OR_RETURN(const std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

async::Task<absl::StatusOr<int>> QuarterLater(int number) {
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(number));
  CO_RETURN_IF_ERROR(absl::OkStatus());
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<int> quarter, Half(*half));
  co_return *quarter;
}

TEST(Macros, ReturnEarlyFromFunctionsAndCoroutines) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_THAT(Quarter(6), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(*async::SyncWait(QuarterLater(8)), 2);
  EXPECT_THAT(async::SyncWait(QuarterLater(6)), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace veille::errors
