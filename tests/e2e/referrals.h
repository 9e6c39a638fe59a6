#pragma once

// Referrals without a call before them: what call-tracking sends, sent by the test.

#include <string>

#include "absl/status/statusor.h"
#include "e2e/programme.h"
#include "veille/common/v1/need.pb.h"

namespace veille::e2e {

// Creates a referral of a tenant, a new one unless told otherwise, who needs meals, and gives its
// id.
absl::StatusOr<std::string> CreateReferral(
    const Programme& programme, const std::string& landlord, const std::string& commune,
    common::v1::Urgency urgency = common::v1::URGENCY_ROUTINE, const std::string& tenant = "");

}  // namespace veille::e2e
