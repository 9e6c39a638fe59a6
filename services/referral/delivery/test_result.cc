#include "referral/delivery/test_result.h"

#include "absl/strings/str_cat.h"

namespace veille::referral {
namespace {

using enum PartnerTestProblem;

TestResult ResultOfWebhook(const Answer& answer) {
  const absl::Status& status = answer.receipt.status();
  if (answer.http_status != 0) return {kRefused, absl::StrCat("HTTP ", answer.http_status)};
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return {kTooSlow, ""};
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kInvalidArgument:
      return {kAddressRefused, std::string(status.message())};
    case absl::StatusCode::kUnavailable:
      return {kUnreachable, std::string(status.message())};
    default:
      return {kNotSent, ""};
  }
}

// The text of a status may be the partner's, or name a file of ours.
TestResult ResultOfGrpc(const Answer& answer) {
  const absl::Status& status = answer.receipt.status();
  if (answer.hopeless) {
    const bool is_where = absl::IsPermissionDenied(status);
    return is_where ? TestResult{kAddressRefused, std::string(status.message())}
                    : TestResult{kNotSent, ""};
  }
  const std::string code = absl::StatusCodeToString(status.code());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return {kUnreachable, code};
    case absl::StatusCode::kDeadlineExceeded:
      return {kTooSlow, code};
    default:
      return {kRefused, code};
  }
}

}  // namespace

TestResult ResultOf(const Claim& claim, const Answer& answer) {
  if (answer.receipt.ok()) return {};
  TestResult result =
      claim.channel == PartnerChannel::kWebhook ? ResultOfWebhook(answer) : ResultOfGrpc(answer);
  if (answer.gone) result.problem = kNoInbox;
  constexpr size_t kLongest = 200;
  if (result.answer.size() > kLongest) result.answer.resize(kLongest);
  return result;
}

}  // namespace veille::referral
