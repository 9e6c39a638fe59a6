#include <algorithm>

#include "call_tracking/convert/call_requests.h"
#include "call_tracking/convert/call_sheet.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/domain/triage.h"
#include "call_tracking/errors.h"
#include "call_tracking/handlers/calls.h"
#include "call_tracking/store/answer_store.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/record_store.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking::handlers {
namespace {

bool Contains(const std::vector<ids::TenantId>& tenants, ids::TenantId tenant) {
  return std::find(tenants.begin(), tenants.end(), tenant) != tenants.end();
}

bool IsAboutHealth(const Script& script, const Answer& answer) {
  const Question* question = FindQuestion(script, answer.question);
  return question != nullptr && question->health;
}

// What a subject said in this call about keeping health answers; null when it was not asked.
const Agreement* HealthAgreement(const CallRecord& call, ids::TenantId tenant) {
  const auto found = std::find_if(
      call.agreements.begin(), call.agreements.end(), [tenant](const Agreement& agreement) {
        return agreement.tenant == tenant && agreement.kind == AgreementKind::kStoreHealthAnswers;
      });
  return found == call.agreements.end() ? nullptr : &*found;
}

// Whose earlier agreement counts: subjects who answered about health and were not asked this time.
std::vector<ids::TenantId> NotAskedThisTime(const Script& script, const CallRecord& call) {
  std::vector<ids::TenantId> tenants;
  for (const Answer& answer : call.answers) {
    if (IsAboutHealth(script, answer) && HealthAgreement(call, answer.tenant) == nullptr &&
        !Contains(tenants, answer.tenant)) {
      tenants.push_back(answer.tenant);
    }
  }
  return tenants;
}

// Answers about health only where the subject has agreed that they are kept.
std::vector<Answer> Storable(const Script& script, const CallRecord& call,
                             const std::vector<ids::TenantId>& agreed_before) {
  std::vector<Answer> answers;
  for (const Answer& answer : call.answers) {
    const Agreement* agreement = HealthAgreement(call, answer.tenant);
    const bool agreed =
        agreement != nullptr ? agreement->agreed : Contains(agreed_before, answer.tenant);
    if (agreed || !IsAboutHealth(script, answer)) answers.push_back(answer);
  }
  return answers;
}

async::Task<absl::StatusOr<std::vector<ids::TenantId>>> FindAgreedBefore(
    RequestContext& context, ids::CampaignId campaign, std::vector<ids::TenantId> tenants) {
  if (tenants.empty()) co_return std::vector<ids::TenantId>();
  auto agreed = co_await context.db().Read([&](db::ReadTx& tx) {
    return FindHealthAgreements(tx, context.seal(), context.landlord(), campaign, tenants);
  });
  co_return agreed;
}

bool AnyEmergency(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.urgency == Urgency::kEmergency; });
}

// Whether the record leaves something in the outbox.
bool TellsOthers(const CallRecord& call, const std::vector<Finding>& findings) {
  return IsPhoneFault(call.disposition) ||
         std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.shared(); });
}

std::vector<Finding> TriageAndSettle(const Script& script, const CallRecord& call) {
  std::vector<Finding> findings = Triage(script, call.answers, call.raised);
  Settle(findings, call.agreements);
  for (Finding& finding : findings) finding.id = ids::FindingId::Random();
  return findings;
}

// The answer, as the household stands now.
pb::RecordCallResponse ToResponse(const RecordedAttempt& recorded,
                                  const std::vector<Finding>& findings, const Script& script) {
  pb::RecordCallResponse response;
  response.set_attempt_id(recorded.attempt.ToString());
  response.set_late(recorded.late);
  for (const Finding& finding : findings) *response.add_findings() = ToProto(finding);
  response.set_household_state(static_cast<pb::HouseholdState>(recorded.state));
  if (recorded.next_attempt_time.has_value()) {
    *response.mutable_next_attempt_time() = rpc::ToProto(*recorded.next_attempt_time);
  }
  if (AnyEmergency(findings)) {
    for (const LocalizedText& text : EmergencyInstructions(script)) {
      auto& added = *response.add_emergency_instructions();
      added.set_language(text.language);
      added.set_text(text.text);
    }
  }
  return response;
}

struct Before {
  std::optional<RecordedAttempt> recorded;
  std::vector<Finding> findings;
};

absl::StatusOr<Before> FindBefore(db::ReadTx& tx, const RequestContext& context,
                                  const CallRecord& call) {
  Before before;
  before.recorded = FindRecorded(
      tx, {context.landlord(), call.campaign, call.lease, context.caller().subject}, call.request);
  if (!before.recorded.has_value()) return before;
  ASSIGN_OR_RETURN(before.findings,
                   ListFindings(tx, context.seal(), context.landlord(), call.campaign,
                                before.recorded->household, before.recorded->attempt));
  return before;
}

// What this request has recorded before, as it stands now; LEASE_FINISHED when it was another
// request.
async::Task<absl::StatusOr<pb::RecordCallResponse>> Repeat(RequestContext& context,
                                                           const CallRecord& call,
                                                           const Script& script) {
  auto found =
      co_await context.db().Read([&](db::ReadTx& tx) { return FindBefore(tx, context, call); });
  CO_ASSIGN_OR_RETURN(const Before before, std::move(found));
  if (!before.recorded.has_value()) co_return errors::LeaseFinished(call.lease);
  co_return ToResponse(*before.recorded, before.findings, script);
}

absl::Status ToStatus(const RecordAnswer& answer, ids::LeaseId lease) {
  switch (answer.verdict) {
    case RecordVerdict::kLeaseNotFound:
      return errors::LeaseNotFound(lease);
    case RecordVerdict::kFenceMismatch:
      return errors::FenceMismatch(lease);
    case RecordVerdict::kUnknownSubject:
      return errors::UnknownSubject(answer.unknown);
    case RecordVerdict::kUnknownReferral: {
      errors::Violations violations;
      violations.Add(answer.unknown, "is no referral that the call sheet asks about");
      return violations.ToStatus();
    }
    case RecordVerdict::kRequestReused:
      return errors::RequestIdReused();
    default:
      return absl::OkStatus();
  }
}

// The campaign of a record; null when there is none, which the lease then shows.
async::Task<absl::StatusOr<std::shared_ptr<const PinnedCampaign>>> FindCampaign(
    RequestContext& context, ids::CampaignId campaign) {
  if (campaign.is_nil()) co_return nullptr;
  auto pinned = co_await context.campaigns().Get(context.landlord(), campaign, context.limits());
  if (absl::IsNotFound(pinned.status())) co_return nullptr;
  co_return pinned;
}

}  // namespace

async::Task<absl::StatusOr<pb::RecordCallResponse>> RecordCall(
    RequestContext& context, const pb::RecordCallRequest& request) {
  errors::Violations violations;
  const CallRecord call = ReadCallRecord(request, context.now(), violations);
  auto pinned = co_await FindCampaign(context, call.campaign);
  CO_ASSIGN_OR_RETURN(const std::shared_ptr<const PinnedCampaign> campaign, std::move(pinned));
  if (campaign != nullptr) {
    CheckAgainst(campaign->script, campaign->campaign.draft, call, violations);
  }
  CO_RETURN_IF_ERROR(violations.ToStatus());
  if (campaign == nullptr) co_return errors::LeaseNotFound(call.lease);

  const Script& script = campaign->script;
  auto before = co_await FindAgreedBefore(context, call.campaign, NotAskedThisTime(script, call));
  CO_ASSIGN_OR_RETURN(const std::vector<ids::TenantId> agreed_before, std::move(before));
  const ids::AttemptId attempt = ids::AttemptId::Random();
  RecordAsk ask = {.landlord = context.landlord(),
                   .subject = context.caller().subject,
                   .call = call,
                   .campaign = campaign,
                   .attempt = attempt,
                   .findings = TriageAndSettle(script, call),
                   .answers = Storable(script, call, agreed_before),
                   .request = request.SerializeAsString(),
                   .now = context.now()};
  auto asked = co_await context.calls().Record(std::move(ask), context.limits());
  CO_ASSIGN_OR_RETURN(const RecordAnswer answer, std::move(asked));
  CO_RETURN_IF_ERROR(ToStatus(answer, call.lease));
  if (answer.verdict == RecordVerdict::kRepeated ||
      answer.verdict == RecordVerdict::kLeaseFinished) {
    auto repeated = co_await Repeat(context, call, script);
    co_return repeated;
  }
  if (TellsOthers(call, answer.findings)) context.WakeRelay();
  const HouseholdStanding& household = answer.household;
  const RecordedAttempt recorded = {.attempt = attempt,
                                    .household = {},
                                    .late = answer.verdict == RecordVerdict::kLate,
                                    .state = household.state,
                                    .next_attempt_time = WaitsForCall(household.state)
                                                             ? household.next_attempt_time
                                                             : std::nullopt};
  co_return ToResponse(recorded, answer.findings, script);
}

}  // namespace veille::call_tracking::handlers
