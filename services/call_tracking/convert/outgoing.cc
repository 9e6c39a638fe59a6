#include "call_tracking/convert/outgoing.h"

#include "common/rpc/acknowledge_deadlines.h"
#include "common/rpc/fields.h"
#include "veille/referral/v1/referral_service.pb.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::call_tracking {
namespace {

// What the referral keeps as the reason when nobody could ask the subject.
constexpr char kVitalInterest[] =
    "An emergency was found in a welfare call, and the person was not asked whether to share it.";

}  // namespace

std::string CreateReferralPayload(const Finding& finding, const Campaign& campaign,
                                  ids::HouseholdId household, const std::string& commune_code,
                                  const std::string& time_zone, absl::Time now) {
  ::veille::referral::v1::CreateReferralRequest request;
  request.set_request_id(finding.id.ToString());
  request.set_finding_id(finding.id.ToString());
  request.set_campaign_id(campaign.id.ToString());
  request.set_household_id(household.ToString());
  request.set_tenant_id(finding.tenant.ToString());
  request.set_commune_code(commune_code);
  request.set_time_zone(time_zone);
  request.set_need(static_cast<::veille::common::v1::Need>(finding.need));
  request.set_urgency(static_cast<::veille::common::v1::Urgency>(finding.urgency));
  request.set_words(finding.shared_words);
  if (finding.basis == SharingBasis::kAgreement) {
    auto& agreement = *request.mutable_basis()->mutable_agreement();
    agreement.set_text_version(finding.agreement_text);
    *agreement.mutable_agree_time() = rpc::ToProto(now);
    if (finding.register_entry.has_value()) {
      auto& entry = *agreement.mutable_register_entry();
      entry.set_ground(
          static_cast<::veille::common::v1::RegisterGround>(finding.register_entry->ground));
      *entry.mutable_non_objection_time() =
          rpc::ToProto(finding.register_entry->non_objection_time);
    }
  } else {
    request.mutable_basis()->set_vital_interest_reason(kVitalInterest);
  }
  if (campaign.draft.deadlines.has_value()) {
    *request.mutable_acknowledge_deadlines() = rpc::ToProto(*campaign.draft.deadlines);
  }
  return request.SerializeAsString();
}

std::string ReportPhonePayload(ids::AttemptId attempt, ids::HouseholdId household,
                               const std::string& phone_hash, Disposition disposition) {
  ::veille::registry::v1::ReportPhoneRequest request;
  request.set_request_id(attempt.ToString());
  request.set_attempt_id(attempt.ToString());
  request.set_household_id(household.ToString());
  request.set_phone_hash(phone_hash);
  request.set_fault(disposition == Disposition::kWrongNumber
                        ? ::veille::registry::v1::PHONE_FAULT_WRONG_NUMBER
                        : ::veille::registry::v1::PHONE_FAULT_OUT_OF_SERVICE);
  return request.SerializeAsString();
}

std::string RecordObjectionPayload(ids::AttemptId attempt, ids::HouseholdId household,
                                   absl::Time said) {
  ::veille::registry::v1::RecordObjectionRequest request;
  request.set_request_id(attempt.ToString());
  request.set_household_id(household.ToString());
  *request.mutable_objection_time() = rpc::ToProto(said);
  request.set_calls_only(true);
  return request.SerializeAsString();
}

std::string ObjectionPayload(const HouseholdChange& objection, const ids::Uuid& message) {
  ::veille::referral::v1::RecordHouseholdObjectionRequest request;
  request.set_request_id(message.ToString());
  request.set_household_id(objection.household.ToString());
  request.set_version(objection.version);
  for (const ids::TenantId tenant : objection.tenants) request.add_tenant_ids(tenant.ToString());
  return request.SerializeAsString();
}

}  // namespace veille::call_tracking
