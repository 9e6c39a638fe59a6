#include "referral/convert/partner_case.h"

#include <limits>

#include "common/status/macros.h"
#include "referral/convert/fields.h"
#include "referral/domain/written_request.h"

namespace veille::referral {
namespace {

namespace common = ::veille::common::v1;

// What every act has.
template <typename Request>
DeskAct ReadAct(const Request& request, Violations& violations) {
  DeskAct act;
  act.request = ReadRequestId(request.request_id(), violations);
  act.referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations);
  act.fence = ReadNumber("assignment_fence", request.assignment_fence(), 1,
                         std::numeric_limits<int64_t>::max(), violations);
  return act;
}

}  // namespace

absl::StatusOr<CaseListing> FromProto(const partner_pb::ListMyReferralsRequest& request) {
  Violations violations;
  CaseListing listing;
  listing.page = ReadPage(request.page_size(), request.page_token(), violations);
  listing.states = ReadStates(request.states(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

absl::StatusOr<ids::ReferralId> FromProto(const partner_pb::GetMyReferralRequest& request) {
  Violations violations;
  const auto referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return referral;
}

absl::StatusOr<DeskAct> FromProto(const partner_pb::AcceptReferralRequest& request) {
  Violations violations;
  const DeskAct act = ReadAct(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return act;
}

absl::StatusOr<DeskAct> FromProto(const partner_pb::DeclineReferralRequest& request) {
  Violations violations;
  DeskAct act = ReadAct(request, violations);
  act.reason = ReadEnum<DeclineReason>("reason", request.reason(), common::DeclineReason_IsValid,
                                       violations);
  const int least = request.reason() == common::DECLINE_REASON_OTHER ? 1 : 0;
  act.note = ReadText("note", request.note(), least, 2000, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return act;
}

absl::StatusOr<DeskAct> FromProto(const partner_pb::StartReferralRequest& request) {
  Violations violations;
  const DeskAct act = ReadAct(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return act;
}

absl::StatusOr<DeskAct> FromProto(const partner_pb::CloseReferralRequest& request) {
  Violations violations;
  DeskAct act = ReadAct(request, violations);
  act.outcome = ReadEnum<ReferralOutcome>("outcome", request.outcome(),
                                          common::ReferralOutcome_IsValid, violations);
  const int least = request.outcome() == common::REFERRAL_OUTCOME_COULD_NOT_HELP ? 1 : 0;
  act.note = ReadText("note", request.note(), least, 2000, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return act;
}

partner_pb::PartnerCase ToProto(const PartnerCase& partner_case) {
  partner_pb::PartnerCase proto;
  proto.set_referral_id(partner_case.id.ToString());
  proto.set_version(partner_case.version);
  proto.set_assignment_fence(partner_case.fence);
  proto.set_state(static_cast<common::ReferralState>(partner_case.state));
  proto.set_need(static_cast<common::Need>(partner_case.need));
  proto.set_urgency(static_cast<common::Urgency>(partner_case.urgency));
  proto.set_commune_code(partner_case.commune);
  proto.set_words(partner_case.words);
  if (partner_case.person.has_value()) {
    const SharedContact& contact = *partner_case.person;
    partner_pb::CasePerson& person = *proto.mutable_person();
    person.set_title(contact.title);
    person.set_family_name(contact.family_name);
    person.set_given_name(contact.given_name);
    for (const std::string& phone : contact.phones) person.add_phones(phone);
    for (const std::string& line : contact.address_lines) person.add_address_lines(line);
    person.set_commune_name(contact.commune_name);
  }
  *proto.mutable_assign_time() = ToProto(partner_case.assign_time);
  if (partner_case.acknowledge_deadline.has_value()) {
    *proto.mutable_acknowledge_deadline_time() = ToProto(*partner_case.acknowledge_deadline);
  }
  proto.set_outcome(static_cast<common::ReferralOutcome>(partner_case.outcome));
  proto.set_superseded(partner_case.superseded);
  proto.set_test(partner_case.test);
  proto.set_written_request(WrittenRequest(partner_case));
  return proto;
}

partner_pb::DeliverReferralRequest ToNotice(const ids::Uuid& delivery,
                                            const PartnerCase& partner_case, bool full) {
  partner_pb::DeliverReferralRequest notice;
  notice.set_delivery_id(delivery.ToString());
  notice.set_referral_id(partner_case.id.ToString());
  notice.set_assignment_fence(partner_case.fence);
  notice.set_version(partner_case.version);
  notice.set_test(partner_case.test);
  if (partner_case.superseded) {
    notice.set_withdrawn(true);
    return notice;
  }
  notice.set_need(static_cast<common::Need>(partner_case.need));
  notice.set_urgency(static_cast<common::Urgency>(partner_case.urgency));
  if (full) *notice.mutable_partner_case() = ToProto(partner_case);
  return notice;
}

}  // namespace veille::referral
