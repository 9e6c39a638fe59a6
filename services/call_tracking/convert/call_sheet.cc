#include "call_tracking/convert/call_sheet.h"

#include <algorithm>

#include "call_tracking/domain/household.h"
#include "common/rpc/fields.h"

namespace veille::call_tracking {
namespace {

namespace common = ::veille::common::v1;

// From 1; the first when the phone is not known.
int PositionOf(const std::vector<std::string>& hashes, const std::string& hash) {
  const auto found = std::find(hashes.begin(), hashes.end(), hash);
  return found == hashes.end() ? 1 : static_cast<int>(found - hashes.begin()) + 1;
}

bool IsSubject(const Lease& lease, const ContactSheet::Tenant& tenant) {
  return !tenant.objection &&
         std::find(lease.subjects.begin(), lease.subjects.end(), tenant.id) != lease.subjects.end();
}

void AddTenant(const ContactSheet::Tenant& tenant, bool subject, pb::CallContact& contact) {
  auto& added = *contact.add_tenants();
  added.set_tenant_id(tenant.id.ToString());
  added.set_title(tenant.title);
  added.set_family_name(tenant.family_name);
  added.set_given_name(tenant.given_name);
  added.set_age(tenant.age);
  added.set_subject(subject);
}

// Those beyond the ones that a campaign dials are left out: no record could name them.
void AddPhone(const ContactSheet::Phone& phone, int position, pb::CallContact& contact) {
  if (position > kMostPhones) return;
  auto& added = *contact.add_phones();
  added.set_e164(phone.e164);
  added.set_position(position);
}

void AddPhones(const Lease& lease, const ContactSheet& sheet, pb::CallContact& contact) {
  int position = 0;
  for (const std::string& hash : lease.phone_hashes) {
    ++position;
    for (const ContactSheet::Phone& phone : sheet.phones) {
      if (phone.hash == hash) AddPhone(phone, position, contact);
    }
  }
  const auto& known = lease.phone_hashes;
  for (const ContactSheet::Phone& phone : sheet.phones) {
    if (std::find(known.begin(), known.end(), phone.hash) == known.end()) {
      AddPhone(phone, ++position, contact);
    }
  }
}

void AddOutcome(const OutcomeToVerify& outcome, pb::CallSheet& sheet) {
  auto& added = *sheet.add_outcomes_to_verify();
  added.set_referral_id(outcome.referral.ToString());
  added.set_tenant_id(outcome.tenant.ToString());
  added.set_need(static_cast<common::Need>(outcome.need));
  added.set_outcome(static_cast<common::ReferralOutcome>(outcome.outcome));
  *added.mutable_report_time() = rpc::ToProto(outcome.report_time);
}

}  // namespace

ContactSheet FromProto(const ::veille::registry::v1::ContactSheet& proto) {
  ContactSheet sheet;
  sheet.household = ids::HouseholdId::Parse(proto.household_id()).value_or(ids::HouseholdId());
  for (const auto& tenant : proto.tenants()) {
    sheet.tenants.push_back({ids::TenantId::Parse(tenant.tenant_id()).value_or(ids::TenantId()),
                             tenant.title(), tenant.family_name(), tenant.given_name(),
                             tenant.age(), tenant.objection()});
  }
  for (const auto& phone : proto.phones()) {
    sheet.phones.push_back({phone.e164(), phone.phone_hash()});
  }
  sheet.address_lines.assign(proto.address_lines().begin(), proto.address_lines().end());
  sheet.commune_code = proto.commune_code();
  sheet.commune_name = proto.commune_name();
  sheet.time_zone = proto.time_zone();
  for (const auto& contact : proto.key_contacts()) {
    sheet.key_contacts.push_back({contact.name(), contact.e164()});
  }
  return sheet;
}

pb::Lease ToProto(const Lease& lease) {
  pb::Lease proto;
  proto.set_lease_id(lease.id.ToString());
  proto.set_campaign_id(lease.campaign.ToString());
  proto.set_household_id(lease.household.ToString());
  proto.set_fence(lease.fence);
  *proto.mutable_expire_time() = rpc::ToProto(lease.expire_time);
  proto.set_attempt_number(lease.attempt_number);
  proto.set_phone_position(PositionOf(lease.phone_hashes, lease.phone_hash));
  proto.set_weekly_call(lease.weekly_call);
  return proto;
}

pb::CallSheet ToProto(const Lease& lease, const ContactSheet& sheet,
                      const std::vector<OutcomeToVerify>& outcomes, ScriptId script,
                      int script_version) {
  pb::CallSheet proto;
  *proto.mutable_lease() = ToProto(lease);
  auto& contact = *proto.mutable_contact();
  for (const bool subject : {true, false}) {
    for (const auto& tenant : sheet.tenants) {
      if (IsSubject(lease, tenant) == subject) AddTenant(tenant, subject, contact);
    }
  }
  AddPhones(lease, sheet, contact);
  for (const std::string& line : sheet.address_lines) contact.add_address_lines(line);
  contact.set_commune_code(sheet.commune_code);
  contact.set_commune_name(sheet.commune_name);
  contact.set_time_zone(sheet.time_zone);
  for (const auto& key_contact : sheet.key_contacts) {
    auto& added = *contact.add_key_contacts();
    added.set_name(key_contact.name);
    added.set_e164(key_contact.e164);
  }
  proto.set_script_id(script.ToString());
  proto.set_script_version(script_version);
  for (const OutcomeToVerify& outcome : outcomes) AddOutcome(outcome, proto);
  return proto;
}

pb::Finding ToProto(const Finding& finding) {
  pb::Finding proto;
  if (!finding.id.is_nil()) proto.set_finding_id(finding.id.ToString());
  proto.set_tenant_id(finding.tenant.ToString());
  proto.set_kind(static_cast<pb::FindingKind>(finding.kind));
  proto.set_need(static_cast<common::Need>(finding.need));
  proto.set_urgency(static_cast<common::Urgency>(finding.urgency));
  proto.set_rule_id(finding.rule);
  proto.set_raised_by_volunteer(finding.raised);
  proto.set_shared(finding.shared());
  proto.set_decision_reason(static_cast<pb::DecisionReason>(finding.decision));
  proto.set_referral_state(static_cast<common::ReferralState>(finding.referral_state));
  proto.set_referral_outcome(static_cast<common::ReferralOutcome>(finding.referral_outcome));
  proto.set_verification(static_cast<pb::Verification>(finding.verification));
  return proto;
}

}  // namespace veille::call_tracking
