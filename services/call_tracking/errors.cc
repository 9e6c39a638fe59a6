#include "call_tracking/errors.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace veille::call_tracking::errors {
namespace {

using Code = absl::StatusCode;
namespace pb = ::veille::common::v1;

constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";

}  // namespace

absl::Status HouseholdNotFound(ids::HouseholdId household) {
  return Make(Code::kNotFound, pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND,
              "the campaign has no household with this id",
              {{"household_id", household.ToString()}});
}

absl::Status CampaignNotFound(ids::CampaignId campaign) {
  return Make(Code::kNotFound, pb::ERROR_REASON_CAMPAIGN_NOT_FOUND,
              "the landlord has no campaign with this id; list the campaigns",
              {{"campaign_id", campaign.ToString()}});
}

absl::Status CampaignNotRunning(ids::CampaignId campaign) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_CAMPAIGN_NOT_RUNNING,
              "the campaign does not run now; ask the coordinator",
              {{"campaign_id", campaign.ToString()}});
}

absl::Status CampaignState(ids::CampaignId campaign, std::string_view step) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_CAMPAIGN_STATE,
              absl::StrCat("the campaign's state does not allow to ", std::string(step),
                           " it; read the campaign"),
              {{"campaign_id", campaign.ToString()}});
}

absl::Status CohortEmpty(ids::CampaignId campaign) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_COHORT_EMPTY,
              "the cohort rule selects no household; look at PreviewCohort and the register",
              {{"campaign_id", campaign.ToString()}});
}

absl::Status ScriptNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_SCRIPT_NOT_FOUND,
              "the landlord has no script with this id and version; publish it");
}

absl::Status ScriptInvalid(const Violations& places) {
  const absl::Status listed = places.ToStatus();
  absl::Status status = Make(Code::kInvalidArgument, pb::ERROR_REASON_SCRIPT_INVALID,
                             "the script contradicts itself; correct the places named and publish "
                             "it again");
  if (const auto details = listed.GetPayload(kBadRequest)) {
    status.SetPayload(kBadRequest, *details);
  }
  return status;
}

absl::Status DuplicateName(std::string_view what) {
  return Make(Code::kAlreadyExists, pb::ERROR_REASON_DUPLICATE_NAME,
              absl::StrCat("another resource of the landlord has this ", std::string(what),
                           "; choose another or use that one"),
              {{"field", std::string(what)}});
}

absl::Status VolunteerNotEnrolled() {
  return Make(Code::kPermissionDenied, pb::ERROR_REASON_VOLUNTEER_NOT_ENROLLED,
              "the caller is no volunteer of the landlord; ask a coordinator to enrol you");
}

absl::Status VolunteerNotFound(const ids::Uuid& volunteer) {
  return Make(Code::kNotFound, pb::ERROR_REASON_VOLUNTEER_NOT_FOUND,
              "the landlord has no such volunteer; list the volunteers",
              {{"volunteer_id", volunteer.ToString()}});
}

absl::Status NoCallDue(absl::Duration retry_after) {
  return WithRetry(Make(Code::kNotFound, pb::ERROR_REASON_NO_CALL_DUE,
                        "no household is due now; ask again later"),
                   retry_after);
}

absl::Status LeaseNotFound(ids::LeaseId lease) {
  return Make(Code::kNotFound, pb::ERROR_REASON_LEASE_NOT_FOUND,
              "the caller never held this lease; lease the next call",
              {{"lease_id", lease.ToString()}});
}

absl::Status LeaseExpired(ids::LeaseId lease) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_LEASE_EXPIRED,
              "the lease ran out; record what was said, then lease the next call",
              {{"lease_id", lease.ToString()}});
}

absl::Status LeaseLost(ids::LeaseId lease) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_LEASE_LOST,
              "somebody else holds this household now; what was said can still be recorded",
              {{"lease_id", lease.ToString()}});
}

absl::Status LeaseFinished(ids::LeaseId lease) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_LEASE_FINISHED,
              "the lease has ended by a recorded call or by its release; lease the next call",
              {{"lease_id", lease.ToString()}});
}

absl::Status LeaseFinished() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_LEASE_FINISHED,
              "the lease that this request_id was given has ended; lease the next call with a new "
              "request_id");
}

absl::Status FenceMismatch(ids::LeaseId lease) {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_FENCE_MISMATCH,
              "the fence is not that of the lease; use the lease as it was granted last",
              {{"lease_id", lease.ToString()}});
}

absl::Status UnknownSubject(std::string_view field) {
  return Make(Code::kInvalidArgument, pb::ERROR_REASON_UNKNOWN_SUBJECT,
              absl::StrCat(std::string(field),
                           " names nobody whom the campaign asks about in this household; use "
                           "the tenant ids of the call sheet"),
              {{"field", std::string(field)}});
}

absl::Status FindingNotFound(ids::FindingId finding) {
  return Make(Code::kNotFound, pb::ERROR_REASON_FINDING_NOT_FOUND,
              "call-tracking has no such finding; nothing to do",
              {{"finding_id", finding.ToString()}});
}

absl::Status RegistryUnavailable() {
  return WithRetry(Make(Code::kUnavailable, pb::ERROR_REASON_REGISTRY_UNAVAILABLE,
                        "the registry does not answer in time; call again shortly"),
                   absl::Seconds(1));
}

}  // namespace veille::call_tracking::errors
