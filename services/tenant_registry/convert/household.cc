#include "tenant_registry/convert/household.h"

#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/communes.h"

namespace veille::tenant_registry {
namespace {

pb::Tenant ToProto(const Tenant& tenant) {
  pb::Tenant proto;
  proto.set_tenant_id(tenant.id.ToString());
  proto.set_title(tenant.title);
  proto.set_family_name(tenant.family_name);
  proto.set_given_name(tenant.given_name);
  if (tenant.birth_date.has_value()) {
    *proto.mutable_birth_date() = rpc::ToProto(*tenant.birth_date);
  }
  proto.set_relation(tenant.relation);
  proto.set_email(tenant.email);
  proto.set_objection(tenant.objection);
  return proto;
}

pb::Phone ToProto(const Phone& phone, int position) {
  pb::Phone proto;
  proto.set_e164(phone.e164);
  proto.set_verdict(static_cast<pb::PhoneVerdict>(phone.verdict));
  proto.set_position(position);
  proto.set_phone_hash(phone.hash);
  proto.set_original(phone.original);
  return proto;
}

pb::Dwelling ToProto(const Dwelling& dwelling) {
  pb::Dwelling proto;
  proto.set_dwelling_number(dwelling.number);
  proto.set_residence(dwelling.residence);
  proto.set_building(dwelling.building);
  proto.set_staircase(dwelling.staircase);
  proto.set_floor(dwelling.floor);
  proto.set_door(dwelling.door);
  proto.set_street_address(dwelling.street_address);
  proto.set_postal_code(dwelling.postal_code);
  proto.set_commune_name(dwelling.commune_name);
  proto.set_commune_code(dwelling.commune_code);
  proto.set_time_zone(dwelling.time_zone);
  return proto;
}

}  // namespace

absl::StatusOr<HouseholdId> FromProto(const pb::GetHouseholdRequest& request) {
  rpc::Violations violations;
  const auto id = rpc::ReadId<HouseholdId>("household_id", request.household_id(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return id;
}

absl::StatusOr<HouseholdQuery> FromProto(const pb::ListHouseholdsRequest& request) {
  rpc::Violations violations;
  HouseholdQuery query;
  query.page = rpc::ReadPage(request.page_size(), request.page_token(), violations);
  if (!request.commune_code().empty()) {
    const Commune* commune = Communes::All().Find(request.commune_code());
    if (commune == nullptr) {
      violations.Add("commune_code", "is not the INSEE code of a commune");
    } else {
      query.filter.commune_code = std::string(commune->code);
    }
  }
  query.filter.dwelling_number =
      rpc::ReadText("dwelling_number", request.dwelling_number(), 0, 64, violations);
  query.filter.client_reference =
      rpc::ReadText("client_reference", request.client_reference(), 0, 64, violations);
  query.filter.include_left = request.include_left();
  RETURN_IF_ERROR(violations.ToStatus());
  return query;
}

absl::StatusOr<NameQuery> FromProto(const pb::FindHouseholdsRequest& request) {
  rpc::Violations violations;
  NameQuery query;
  query.page = rpc::ReadPage(request.page_size(), request.page_token(), violations);
  query.words = WordsToSeek(rpc::ReadText("name", request.name(), 1, 200, violations));
  if (query.words.size() > kMostSoughtWords) violations.Add("name", "must have 8 words at most");
  if (!request.name().empty() && query.words.empty()) {
    violations.Add("name", "must have a letter or a digit");
  }
  query.include_left = request.include_left();
  RETURN_IF_ERROR(violations.ToStatus());
  return query;
}

pb::Household ToProto(const Household& household) {
  pb::Household proto;
  proto.set_household_id(household.id.ToString());
  proto.set_version(household.version);
  proto.set_client_reference(household.client_reference);
  proto.set_state(static_cast<pb::ResidencyState>(household.state));
  *proto.mutable_dwelling() = ToProto(household.dwelling);
  for (const Tenant& tenant : household.tenants) *proto.add_tenants() = ToProto(tenant);
  int position = 0;
  for (const Phone& phone : household.phones) *proto.add_phones() = ToProto(phone, ++position);
  for (const KeyContact& contact : household.key_contacts) {
    pb::KeyContact* added = proto.add_key_contacts();
    added->set_name(contact.name);
    added->set_e164(contact.e164);
  }
  if (household.move_in_date.has_value()) {
    *proto.mutable_move_in_date() = rpc::ToProto(*household.move_in_date);
  }
  proto.set_objection(household.objection);
  proto.set_calls_only(household.calls_only);
  proto.set_etag(rpc::Etag(household.version));
  *proto.mutable_update_time() = rpc::ToProto(household.update_time);
  return proto;
}

}  // namespace veille::tenant_registry
