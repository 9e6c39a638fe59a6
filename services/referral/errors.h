#pragma once

// The errors of the referral service, named after their reason; veille/common/v1/errors.proto is
// the reference. Those that every service has come along under the same name.

#include "absl/status/status.h"
#include "common/ids/uuid.h"
#include "common/status/errors.h"

namespace veille::referral::errors {

using namespace ::veille::errors;  // NOLINT: one door for both

absl::Status PartnerNotFound();
absl::Status DuplicateName();
absl::Status ReferralNotFound();
absl::Status NoReferralOfPerson();
absl::Status IllegalTransition();
absl::Status AssignmentSuperseded();
absl::Status WorklistItemNotFound();
absl::Status WorklistItemDecided();
absl::Status ReferralUnassigned();
absl::Status PartnerNotPushedTo();
absl::Status NoOtherPartner();
absl::Status PartnerKeyReplaced();
// Others changed the same rows again and again; nothing was done.
absl::Status Conflict();

}  // namespace veille::referral::errors
