#pragma once

// The errors of call-tracking, named after their reason; veille/common/v1/errors.proto is the
// reference. Those that every service has come along under the same name.

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/status/errors.h"

namespace veille::call_tracking::errors {

using namespace ::veille::errors;  // NOLINT: one door for both

absl::Status HouseholdNotFound(ids::HouseholdId household);
absl::Status CampaignNotFound(ids::CampaignId campaign);
absl::Status CampaignNotRunning(ids::CampaignId campaign);
// `step` is the verb that the state does not allow: "pause".
absl::Status CampaignState(ids::CampaignId campaign, std::string_view step);
absl::Status CohortEmpty(ids::CampaignId campaign);
absl::Status ScriptNotFound();
// Each violation names a place in the script.
absl::Status ScriptInvalid(const Violations& places);
// `what` is the field that is taken: "title".
absl::Status DuplicateName(std::string_view what);
absl::Status VolunteerNotEnrolled();
absl::Status VolunteerNotFound(const ids::Uuid& volunteer);
absl::Status NoCallDue(absl::Duration retry_after);
absl::Status LeaseNotFound(ids::LeaseId lease);
absl::Status LeaseExpired(ids::LeaseId lease);
absl::Status LeaseLost(ids::LeaseId lease);
absl::Status LeaseFinished(ids::LeaseId lease);
// Of a request that was given a lease before, which has ended.
absl::Status LeaseFinished();
absl::Status FenceMismatch(ids::LeaseId lease);
// `field` is the place in the request: "answers[2].tenant_id".
absl::Status UnknownSubject(std::string_view field);
absl::Status FindingNotFound(ids::FindingId finding);
absl::Status RegistryUnavailable();

}  // namespace veille::call_tracking::errors
