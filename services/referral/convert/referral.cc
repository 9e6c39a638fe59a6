#include "referral/convert/referral.h"

#include <algorithm>
#include <limits>

#include "common/rpc/acknowledge_deadlines.h"
#include "common/status/macros.h"
#include "referral/convert/fields.h"
#include "referral/convert/partner_answer.h"
#include "veille/calls/v1/intake_service.pb.h"

namespace veille::referral {
namespace {

namespace common = ::veille::common::v1;

constexpr int64_t kLastVersion = std::numeric_limits<int64_t>::max();
constexpr int kMostTenants = 50;

// With an agreement to ask for an entry in the town hall's register, and with no other.
std::optional<RegisterEntry> ReadRegisterEntry(const pb::CreateReferralRequest& request,
                                               Violations& violations) {
  const std::string place = "basis.agreement.register_entry";
  const bool is_asked_for = request.need() == common::NEED_MUNICIPAL_REGISTER;
  const pb::SubjectAgreement& agreement = request.basis().agreement();
  if (agreement.has_register_entry() != is_asked_for) {
    violations.Add(
        place, is_asked_for ? "is required with NEED_MUNICIPAL_REGISTER: the ground, and when the "
                              "person did not object"
                            : "is only given with NEED_MUNICIPAL_REGISTER");
  }
  if (!agreement.has_register_entry() || !is_asked_for) return std::nullopt;
  const common::MunicipalRegisterEntry& given = agreement.register_entry();
  return RegisterEntry{
      .ground = ReadEnum<RegisterGround>(In(place, "ground"), given.ground(),
                                         common::RegisterGround_IsValid, violations),
      .non_objection_time =
          ReadTime(In(place, "non_objection_time"), given.has_non_objection_time(),
                   given.non_objection_time(), violations)};
}

SharingBasis ReadBasis(const pb::CreateReferralRequest& request, Violations& violations) {
  SharingBasis basis;
  switch (request.basis().basis_case()) {
    case pb::SharingBasis::kAgreement: {
      const pb::SubjectAgreement& agreement = request.basis().agreement();
      basis.agreement = SubjectAgreement{
          .text_version =
              ReadText("basis.agreement.text_version", agreement.text_version(), 1, 64, violations),
          .agree_time = ReadTime("basis.agreement.agree_time", agreement.has_agree_time(),
                                 agreement.agree_time(), violations),
          .register_entry = ReadRegisterEntry(request, violations)};
      break;
    }
    case pb::SharingBasis::kVitalInterestReason:
      basis.vital_interest_reason =
          ReadText("basis.vital_interest_reason", request.basis().vital_interest_reason(), 1, 1000,
                   violations);
      if (request.urgency() != common::URGENCY_EMERGENCY) {
        violations.Add("basis.vital_interest_reason", "is allowed only with URGENCY_EMERGENCY");
      }
      if (request.need() == common::NEED_MUNICIPAL_REGISTER) {
        violations.Add("basis.vital_interest_reason",
                       "is no basis for NEED_MUNICIPAL_REGISTER: the person is asked first, and "
                       "may object");
      }
      break;
    case pb::SharingBasis::BASIS_NOT_SET:
      violations.Add("basis", "is required: an agreement or a vital interest");
  }
  return basis;
}

SharedContact ReadContact(const pb::SharedContact& contact, Violations& violations) {
  SharedContact read;
  read.title = ReadText("contact.title", contact.title(), 0, 50, violations);
  read.family_name = ReadText("contact.family_name", contact.family_name(), 1, 200, violations);
  read.given_name = ReadText("contact.given_name", contact.given_name(), 0, 200, violations);
  read.commune_name = ReadText("contact.commune_name", contact.commune_name(), 0, 200, violations);
  CheckCount("contact.phones", contact.phones_size(), 0, 20, violations);
  for (int i = 0; i < contact.phones_size(); ++i) {
    read.phones.push_back(ReadPhone(At("contact.phones", i), contact.phones(i), violations));
  }
  CheckCount("contact.address_lines", contact.address_lines_size(), 0, 6, violations);
  for (int i = 0; i < contact.address_lines_size(); ++i) {
    read.address_lines.push_back(
        ReadText(At("contact.address_lines", i), contact.address_lines(i), 0, 200, violations));
  }
  return read;
}

}  // namespace

absl::StatusOr<ReferralCreation> FromProto(const pb::CreateReferralRequest& request) {
  Violations violations;
  ReferralCreation creation;
  creation.request = ReadRequestId(request.request_id(), violations);
  ReferralDraft& draft = creation.draft;
  draft.finding = ReadId<ids::FindingId>("finding_id", request.finding_id(), violations);
  draft.campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  draft.household = ReadId<ids::HouseholdId>("household_id", request.household_id(), violations);
  draft.tenant = ReadId<ids::TenantId>("tenant_id", request.tenant_id(), violations);
  draft.commune = ReadCommune("commune_code", request.commune_code(), violations);
  draft.time_zone = ReadTimeZone("time_zone", request.time_zone(), violations);
  draft.need = ReadEnum<Need>("need", request.need(), common::Need_IsValid, violations);
  draft.urgency =
      ReadEnum<Urgency>("urgency", request.urgency(), common::Urgency_IsValid, violations);
  draft.words = ReadText("words", request.words(), 0, 1000, violations);
  draft.basis = ReadBasis(request, violations);
  if (request.has_contact()) {
    draft.contact = ReadContact(request.contact(), violations);
  } else {
    violations.Add("contact", "is required");
  }
  draft.household_version =
      ReadNumber("household_version", request.household_version(), 0, kLastVersion, violations);
  draft.objection = request.objection();
  draft.deadlines =
      rpc::ReadAcknowledgeDeadlines("acknowledge_deadlines", request.has_acknowledge_deadlines(),
                                    request.acknowledge_deadlines(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return creation;
}

absl::StatusOr<ObjectionIntake> FromProto(const pb::RecordHouseholdObjectionRequest& request) {
  Violations violations;
  ObjectionIntake intake;
  intake.request = ReadRequestId(request.request_id(), violations);
  Objection& objection = intake.objection;
  objection.household =
      ReadId<ids::HouseholdId>("household_id", request.household_id(), violations);
  objection.version = ReadNumber("version", request.version(), 1, kLastVersion, violations);
  CheckCount("tenant_ids", request.tenant_ids_size(), 0, kMostTenants, violations);
  for (int i = 0; i < std::min(request.tenant_ids_size(), kMostTenants); ++i) {
    objection.tenants.push_back(
        ReadId<ids::TenantId>(At("tenant_ids", i), request.tenant_ids(i), violations));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return intake;
}

absl::StatusOr<ids::ReferralId> FromProto(const pb::GetReferralRequest& request) {
  Violations violations;
  const auto referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return referral;
}

absl::StatusOr<ReferralListing> FromProto(const pb::ListReferralsRequest& request) {
  Violations violations;
  ReferralListing listing;
  listing.page = ReadPage(request.page_size(), request.page_token(), violations);
  if (!request.campaign_id().empty()) {
    listing.campaign = ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations);
  }
  if (!request.partner_id().empty()) {
    listing.partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations);
  }
  listing.states = ReadStates(request.states(), violations);
  listing.communes = ReadCommunes("commune_codes", request.commune_codes(), 0, 1000, violations);
  listing.urgencies = ReadUrgencies(request.urgencies(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

std::optional<pb::SharingBasis> ToProto(const SharingBasis& basis) {
  pb::SharingBasis proto;
  if (basis.agreement.has_value()) {
    pb::SubjectAgreement& agreement = *proto.mutable_agreement();
    agreement.set_text_version(basis.agreement->text_version);
    *agreement.mutable_agree_time() = ToProto(basis.agreement->agree_time);
    if (const auto& entry = basis.agreement->register_entry; entry.has_value()) {
      agreement.mutable_register_entry()->set_ground(
          static_cast<common::RegisterGround>(entry->ground));
      *agreement.mutable_register_entry()->mutable_non_objection_time() =
          ToProto(entry->non_objection_time);
    }
    return proto;
  }
  if (basis.vital_interest_reason.empty()) return std::nullopt;
  proto.set_vital_interest_reason(basis.vital_interest_reason);
  return proto;
}

pb::Assignment ToProto(const Assignment& assignment) {
  pb::Assignment proto;
  proto.set_assignment_id(assignment.id.ToString());
  proto.set_partner_id(assignment.partner.ToString());
  proto.set_fence(assignment.fence);
  proto.set_state(static_cast<pb::AssignmentState>(assignment.state));
  *proto.mutable_assign_time() = ToProto(assignment.assign_time);
  if (assignment.receive_time.has_value()) {
    *proto.mutable_receive_time() = ToProto(*assignment.receive_time);
  }
  if (assignment.accept_time.has_value()) {
    *proto.mutable_accept_time() = ToProto(*assignment.accept_time);
  }
  if (assignment.end_time.has_value()) {
    *proto.mutable_end_time() = ToProto(*assignment.end_time);
  }
  proto.set_decline_reason(static_cast<common::DeclineReason>(assignment.decline_reason));
  proto.set_note(assignment.note);
  proto.set_delivery_state(static_cast<pb::DeliveryState>(assignment.delivery));
  proto.set_delivery_tries(assignment.delivery_tries);
  for (const PartnerAnswer& answer : assignment.answers) *proto.add_answers() = ToProto(answer);
  return proto;
}

pb::Referral ToProto(const Referral& referral) {
  pb::Referral proto;
  proto.set_referral_id(referral.id.ToString());
  proto.set_version(referral.version);
  proto.set_state(static_cast<common::ReferralState>(referral.state));
  proto.set_campaign_id(referral.campaign.ToString());
  proto.set_finding_id(referral.finding.ToString());
  proto.set_household_id(referral.household.ToString());
  proto.set_tenant_id(referral.tenant.ToString());
  proto.set_commune_code(referral.commune);
  proto.set_need(static_cast<common::Need>(referral.need));
  proto.set_urgency(static_cast<common::Urgency>(referral.urgency));
  proto.set_words(referral.words);
  if (auto basis = ToProto(referral.basis)) *proto.mutable_basis() = *std::move(basis);
  for (const Assignment& assignment : referral.assignments) {
    *proto.add_assignments() = ToProto(assignment);
  }
  if (referral.acknowledge_deadline.has_value()) {
    *proto.mutable_acknowledge_deadline_time() = ToProto(*referral.acknowledge_deadline);
  }
  proto.set_outcome(static_cast<common::ReferralOutcome>(referral.outcome));
  proto.set_etag(Etag(referral.version));
  *proto.mutable_create_time() = ToProto(referral.create_time);
  *proto.mutable_update_time() = ToProto(referral.update_time);
  proto.set_withdrawal_note(referral.withdrawal_note);
  proto.set_unreadable(referral.unreadable);
  proto.set_withdrawn_by_objection(referral.withdrawn_by_objection);
  return proto;
}

pb::Referral ToProtoOfAct(const Referral& referral) {
  pb::Referral proto = ToProto(referral);
  proto.clear_words();
  proto.clear_basis();
  return proto;
}

std::string ToPayload(const ReferralUpdate& update) {
  calls::v1::RecordReferralUpdateRequest proto;
  proto.set_referral_id(update.referral.ToString());
  proto.set_finding_id(update.finding.ToString());
  proto.set_campaign_id(update.campaign.ToString());
  proto.set_version(update.version);
  proto.set_state(static_cast<common::ReferralState>(update.state));
  proto.set_outcome(static_cast<common::ReferralOutcome>(update.outcome));
  proto.set_not_covered(update.not_covered);
  *proto.mutable_update_time() = ToProto(update.update_time);
  return proto.SerializeAsString();
}

}  // namespace veille::referral
