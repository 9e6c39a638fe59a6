#include "referral/delivery/channel.h"

namespace veille::referral {
namespace {

bool MayPass(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

}  // namespace

Answer NotSent(const absl::Status& why) {
  Answer answer{why};
  answer.hopeless = !MayPass(why.code());
  return answer;
}

}  // namespace veille::referral
