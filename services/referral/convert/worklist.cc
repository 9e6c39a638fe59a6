#include "referral/convert/worklist.h"

#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {

namespace common = ::veille::common::v1;

namespace {

void AddCallee(const Callee& callee, pb::WorklistItem& proto) {
  proto.set_telephone(callee.telephone);
  proto.set_telephone_role(callee.role);
  proto.set_assignment_fence(callee.fence);
  if (callee.acknowledge_deadline.has_value()) {
    *proto.mutable_acknowledge_deadline_time() = ToProto(*callee.acknowledge_deadline);
  }
  proto.set_calls_not_reached(callee.not_reached);
  if (callee.last_not_reached.has_value()) {
    *proto.mutable_last_not_reached_time() = ToProto(*callee.last_not_reached);
  }
}

}  // namespace

absl::StatusOr<WorklistListing> FromProto(const pb::ListWorklistRequest& request) {
  Violations violations;
  const WorklistListing listing{
      .page = ReadWorklistPage(request.page_size(), request.page_token(), violations),
      .include_decided = request.include_decided()};
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

absl::StatusOr<WorklistOrder> FromProto(const pb::DecideWorklistItemRequest& request) {
  Violations violations;
  WorklistOrder order;
  order.request = ReadRequestId(request.request_id(), violations);
  order.item = ReadId<WorklistItemId>("worklist_item_id", request.worklist_item_id(), violations);
  order.etag = ReadText("etag", request.etag(), 0, 64, violations);
  order.decision = ReadEnum<WorklistDecision>("decision", request.decision(),
                                              pb::WorklistDecision_IsValid, violations);
  if (request.decision() == pb::WORKLIST_DECISION_ASSIGN) {
    order.partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations);
  } else if (!request.partner_id().empty()) {
    violations.Add("partner_id", "must be empty unless the decision is ASSIGN");
  }
  const int least = request.decision() == pb::WORKLIST_DECISION_CANCEL ? 1 : 0;
  order.note = ReadText("note", request.note(), least, 2000, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

pb::WorklistItem ToProto(const WorklistItem& item) {
  pb::WorklistItem proto;
  proto.set_worklist_item_id(item.id.ToString());
  proto.set_referral_id(item.referral.ToString());
  proto.set_reason(static_cast<pb::WorklistReason>(item.reason));
  proto.set_urgency(static_cast<common::Urgency>(item.urgency));
  proto.set_need(static_cast<common::Need>(item.need));
  proto.set_commune_code(item.commune);
  proto.set_state(static_cast<pb::WorklistItemState>(item.state));
  proto.set_decision(static_cast<pb::WorklistDecision>(item.decision));
  proto.set_note(item.note);
  proto.set_decided_by(item.decided_by);
  proto.set_etag(Etag(item.version));
  *proto.mutable_create_time() = ToProto(item.create_time);
  if (item.decide_time.has_value()) *proto.mutable_decide_time() = ToProto(*item.decide_time);
  proto.set_referral_state(static_cast<common::ReferralState>(item.situation.state));
  if (!item.situation.partner.is_nil()) proto.set_partner_id(item.situation.partner.ToString());
  if (item.callee.has_value()) AddCallee(*item.callee, proto);
  for (const UntoldPartner& untold : item.untold) {
    pb::UntoldPartner& told = *proto.add_untold_partners();
    told.set_partner_id(untold.partner.ToString());
    told.set_assignment_fence(untold.fence);
    told.set_telephone(untold.telephone);
  }
  if (item.state == WorklistItemState::kDecided) return proto;
  for (const WorklistDecision possible : PossibleDecisions(item.situation)) {
    proto.add_possible_decisions(static_cast<pb::WorklistDecision>(possible));
  }
  return proto;
}

}  // namespace veille::referral
