#include "referral/convert/disclosure.h"

#include <utility>

#include "common/status/macros.h"
#include "referral/convert/fields.h"
#include "referral/convert/referral.h"

namespace veille::referral {
namespace {

pb::Disclosure DisclosureToProto(const Disclosure& disclosure) {
  pb::Disclosure proto;
  proto.set_partner_id(disclosure.partner.ToString());
  proto.set_partner_name(disclosure.partner_name);
  proto.set_assignment_fence(disclosure.fence);
  proto.set_way(static_cast<pb::DisclosureWay>(disclosure.way));
  *proto.mutable_first_time() = ToProto(disclosure.first_time);
  *proto.mutable_last_time() = ToProto(disclosure.last_time);
  proto.set_times(disclosure.times);
  for (const DisclosedItem& item : disclosure.items) {
    pb::DisclosedField& field = *proto.add_fields();
    field.set_name(item.name);
    for (const std::string& value : item.values) field.add_values(value);
  }
  if (disclosure.receive_time.has_value()) {
    *proto.mutable_receive_time() = ToProto(*disclosure.receive_time);
  }
  return proto;
}

}  // namespace

absl::StatusOr<StatementRequest> FromProto(const pb::GetDisclosureStatementRequest& request) {
  Violations violations;
  StatementRequest asked;
  asked.tenant = ReadId<ids::TenantId>("tenant_id", request.tenant_id(), violations);
  asked.page = ReadPage(request.page_size(), request.page_token(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return asked;
}

pb::DisclosedCase ToProto(const DisclosedCase& told) {
  pb::DisclosedCase proto;
  proto.set_referral_id(told.referral.ToString());
  proto.set_campaign_id(told.campaign.ToString());
  proto.set_need(static_cast<::veille::common::v1::Need>(told.need));
  if (auto basis = ToProto(told.basis)) *proto.mutable_basis() = *std::move(basis);
  *proto.mutable_create_time() = ToProto(told.create_time);
  if (told.withdraw_time.has_value()) *proto.mutable_withdraw_time() = ToProto(*told.withdraw_time);
  for (const Disclosure& disclosure : told.disclosures) {
    *proto.add_disclosures() = DisclosureToProto(disclosure);
  }
  proto.set_unreadable(told.unreadable);
  proto.set_incomplete(told.incomplete);
  return proto;
}

}  // namespace veille::referral
