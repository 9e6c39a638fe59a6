#include "call_tracking/handlers/calls.h"

#include "absl/time/clock.h"
#include "call_tracking/convert/call_requests.h"
#include "call_tracking/convert/call_sheet.h"
#include "call_tracking/errors.h"
#include "call_tracking/store/lease_store.h"
#include "call_tracking/store/verification_store.h"
#include "common/db/request_ledger.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

constexpr std::string_view kCallPurpose = "welfare call";

// When a volunteer asks again after there was nothing to do.
constexpr absl::Duration kAskAgain = absl::Seconds(5);
constexpr absl::Duration kAskAgainAfterRace = absl::Milliseconds(200);

LeaseRef RefOf(const RequestContext& context, ids::CampaignId campaign, ids::LeaseId lease) {
  return {context.landlord(), campaign, lease, context.caller().subject};
}

absl::Status ToStatus(LeaseVerdict verdict, ids::CampaignId campaign) {
  switch (verdict) {
    case LeaseVerdict::kGranted:
    case LeaseVerdict::kHeld:
      return absl::OkStatus();
    case LeaseVerdict::kCampaignNotFound:
      return errors::CampaignNotFound(campaign);
    case LeaseVerdict::kNotEnrolled:
      return errors::VolunteerNotEnrolled();
    case LeaseVerdict::kNotRunning:
      return errors::CampaignNotRunning(campaign);
    case LeaseVerdict::kFinished:
      return errors::LeaseFinished();
    case LeaseVerdict::kRequestReused:
      return errors::RequestIdReused();
    case LeaseVerdict::kNoneDue:
      return errors::NoCallDue(kAskAgain);
    case LeaseVerdict::kLost:
    case LeaseVerdict::kStale:
    case LeaseVerdict::kOwnDue:
      return errors::NoCallDue(kAskAgainAfterRace);
  }
  return errors::Internal();
}

absl::Status ToStatus(RenewVerdict verdict, ids::LeaseId lease) {
  switch (verdict) {
    case RenewVerdict::kRenewed:
      return absl::OkStatus();
    case RenewVerdict::kNotFound:
      return errors::LeaseNotFound(lease);
    case RenewVerdict::kFenceMismatch:
      return errors::FenceMismatch(lease);
    case RenewVerdict::kFinished:
      return errors::LeaseFinished(lease);
    case RenewVerdict::kExpired:
      return errors::LeaseExpired(lease);
    case RenewVerdict::kLost:
      return errors::LeaseLost(lease);
    case RenewVerdict::kRequestReused:
      return errors::RequestIdReused();
  }
  return errors::Internal();
}

// The registry must answer early enough for us to answer, or to give the household back.
db::Limits ForRegistry(const RequestContext& context) {
  const absl::Time now = absl::Now();
  return {now + 0.8 * (context.deadline() - now), context.stop()};
}

// What the registry's answer means to a volunteer: that there is no sheet now, unless the caller
// gave up or this service itself stops or fails.
absl::Status SheetError(const absl::Status& status) {
  const errors::Reason reason = errors::ReasonOf(status);
  const bool own = absl::IsCancelled(status) ||
                   reason == veille::common::v1::ERROR_REASON_DRAINING ||
                   reason == veille::common::v1::ERROR_REASON_HOUSEHOLD_NOT_FOUND;
  return own ? status : errors::RegistryUnavailable();
}

// What the household is to be asked about besides the script; seldom anything.
async::Task<absl::StatusOr<std::vector<OutcomeToVerify>>> ReadOutcomesToVerify(
    RequestContext& context, Lease lease) {
  if (lease.to_verify == 0) co_return std::vector<OutcomeToVerify>();
  auto listed = co_await context.db().Read([&](db::ReadTx& tx) {
    return ListOutcomesToVerify(tx, context.seal(),
                                {context.landlord(), lease.campaign, lease.household});
  });
  co_return listed;
}

// The call sheet of a lease, from the registry: `on_the_way`, or asked for now. HOUSEHOLD_NOT_FOUND
// when the register knows the household no more, REGISTRY_UNAVAILABLE when it does not answer; what
// fails here keeps its name.
async::Task<absl::StatusOr<pb::CallSheet>> FetchCallSheet(
    RequestContext& context, Lease lease, std::shared_ptr<LeasedCall::Sheet> on_the_way = nullptr) {
  auto pinned =
      co_await context.campaigns().Get(context.landlord(), lease.campaign, context.limits());
  CO_ASSIGN_OR_RETURN(const auto campaign, std::move(pinned));
  const auto sheet =
      co_await (on_the_way != nullptr
                    ? on_the_way->Result()
                    : context.contact_sheets().Get({context.landlord(), lease.household, lease.id},
                                                   ForRegistry(context)));
  if (!sheet.ok()) co_return SheetError(sheet.status());
  auto listed = co_await ReadOutcomesToVerify(context, lease);
  CO_ASSIGN_OR_RETURN(const std::vector<OutcomeToVerify> outcomes, std::move(listed));
  co_return ToProto(lease, *sheet, outcomes, campaign->script.id, campaign->script.version);
}

// The answer when there is no sheet. A household that nobody was shown is given back, and so is one
// that the register knows no more: the next call is another one.
async::Task<absl::Status> Refuse(RequestContext& context, LeaseAnswer answer, absl::Status why) {
  const bool gone = errors::ReasonOf(why) == veille::common::v1::ERROR_REASON_HOUSEHOLD_NOT_FOUND;
  if (answer.verdict != LeaseVerdict::kGranted && !gone) co_return why;
  const absl::Status returned = co_await context.calls().Return(
      RefOf(context, answer.lease.campaign, answer.lease.id), answer.lease.fence,
      gone ? Returning::kGone : Returning::kUnshown);
  if (!returned.ok()) co_return returned;
  co_return gone ? errors::NoCallDue(kAskAgainAfterRace) : why;
}

absl::StatusOr<Lease> FindRunning(db::WriteTx& tx, const RequestContext& context,
                                  const HeldLease& held) {
  const auto found = FindLease(tx, RefOf(context, held.campaign, held.lease));
  if (!found.has_value()) return errors::LeaseNotFound(held.lease);
  if (found->state == "RECORDED" || found->state == "RELEASED") {
    return errors::LeaseFinished(held.lease);
  }
  if (found->lost) return errors::LeaseLost(held.lease);
  if (!found->running) return errors::LeaseExpired(held.lease);
  privacy::AppendAuditEvent(
      tx, context.Audit("household", found->lease.household.uuid(), kCallPurpose));
  return found->lease;
}

absl::Status Release(db::WriteTx& tx, const RequestContext& context, const HeldLease& held) {
  ASSIGN_OR_RETURN(const auto taken,
                   db::TakeRequest(tx, context.landlord(), held.request, context.method(),
                                   held.lease.uuid(), /*same_object=*/true));
  const LeaseRef ref = RefOf(context, held.campaign, held.lease);
  if (taken.repeated || ReleaseLease(tx, ref, held.fence, absl::ZeroDuration())) {
    return absl::OkStatus();
  }
  const auto found = FindLease(tx, ref);
  if (!found.has_value()) return errors::LeaseNotFound(held.lease);
  if (found->lease.fence != held.fence) return errors::FenceMismatch(held.lease);
  if (found->state == "RECORDED") return errors::LeaseFinished(held.lease);
  return absl::OkStatus();
}

}  // namespace

async::Task<absl::StatusOr<pb::LeaseNextCallResponse>> LeaseNextCall(
    RequestContext& context, const pb::LeaseNextCallRequest& request) {
  CO_ASSIGN_OR_RETURN(const NextCallRequest next, FromProto(request));
  auto asked =
      co_await context.calls().Lease({context.landlord(), next.campaign, context.caller().subject,
                                      next.request, ids::LeaseId::Random(), context.now()},
                                     context.limits(), ForRegistry(context));
  CO_ASSIGN_OR_RETURN(const LeasedCall answer, std::move(asked));
  CO_RETURN_IF_ERROR(ToStatus(answer.verdict, next.campaign));
  auto sheet = co_await FetchCallSheet(context, answer.lease, answer.sheet);
  if (!sheet.ok()) {
    const absl::Status refused = co_await Refuse(context, answer, sheet.status());
    co_return refused;
  }
  pb::LeaseNextCallResponse response;
  *response.mutable_call_sheet() = *std::move(sheet);
  co_return response;
}

async::Task<absl::StatusOr<pb::GetCallSheetResponse>> GetCallSheet(
    RequestContext& context, const pb::GetCallSheetRequest& request) {
  CO_ASSIGN_OR_RETURN(const HeldLease held, FromProto(request));
  auto found =
      co_await context.db().Write([&](db::WriteTx& tx) { return FindRunning(tx, context, held); });
  CO_ASSIGN_OR_RETURN(const Lease lease, std::move(found));
  auto sheet = co_await FetchCallSheet(context, lease);
  pb::GetCallSheetResponse response;
  CO_ASSIGN_OR_RETURN(*response.mutable_call_sheet(), std::move(sheet));
  co_return response;
}

async::Task<absl::StatusOr<pb::RenewLeaseResponse>> RenewLease(
    RequestContext& context, const pb::RenewLeaseRequest& request) {
  CO_ASSIGN_OR_RETURN(const HeldLease held, FromProto(request));
  auto asked = co_await context.calls().Renew(
      {RefOf(context, held.campaign, held.lease), held.request, held.fence}, context.limits());
  CO_ASSIGN_OR_RETURN(const RenewAnswer answer, std::move(asked));
  CO_RETURN_IF_ERROR(ToStatus(answer.verdict, held.lease));
  pb::RenewLeaseResponse response;
  *response.mutable_lease() = ToProto(answer.lease);
  co_return response;
}

async::Task<absl::StatusOr<pb::ReleaseLeaseResponse>> ReleaseLease(
    RequestContext& context, const pb::ReleaseLeaseRequest& request) {
  CO_ASSIGN_OR_RETURN(const HeldLease held, FromProto(request));
  const absl::Status released =
      co_await context.db().Write([&](db::WriteTx& tx) { return Release(tx, context, held); });
  CO_RETURN_IF_ERROR(released);
  co_return pb::ReleaseLeaseResponse();
}

}  // namespace veille::call_tracking::handlers
