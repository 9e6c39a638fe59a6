#include "tenant_registry/convert/household_update.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {
namespace {

using rpc::Violations;

constexpr int kMostPaths = 16;
constexpr int kMostEnteredPhones = 20;
constexpr int kMostContacts = 10;
constexpr int kMostTenants = 50;

// As the import cleans a cell.
std::string ReadCell(const std::string& field, const std::string& text, int least, int most,
                     Violations& violations) {
  const std::optional<std::string> clean = CleanCell(text);
  if (!clean.has_value()) violations.Add(field, "must not have control characters");
  return rpc::ReadText(field, clean.value_or(" "), least, most, violations);
}

// One entry per phone that was sent, so that faults are told by their places: INVALID ones are
// empty.
std::vector<TypedPhone> ReadPhoneList(const pb::Household& household, Violations& violations) {
  rpc::CheckCount("household.phones", household.phones_size(), 0, kMostEnteredPhones, violations);
  std::vector<TypedPhone> phones;
  for (int i = 0; i < std::min(household.phones_size(), kMostEnteredPhones); ++i) {
    const pb::Phone& phone = household.phones(i);
    const std::string field = rpc::At("household.phones", i);
    if (phone.verdict() == pb::PHONE_VERDICT_INVALID) {
      phones.emplace_back();
    } else if (!pb::PhoneVerdict_IsValid(phone.verdict())) {
      violations.Add(rpc::In(field, "verdict"), "is not a known value");
    } else {
      const bool has_e164 = !phone.e164().empty();
      phones.push_back({ReadCell(rpc::In(field, has_e164 ? "e164" : "original"),
                                 has_e164 ? phone.e164() : phone.original(), 1, 200, violations),
                        phone.verdict() != pb::PHONE_VERDICT_NOT_WORKING});
    }
  }
  return phones;
}

std::vector<TypedContact> ReadContactList(const pb::Household& household, Violations& violations) {
  rpc::CheckCount("household.key_contacts", household.key_contacts_size(), 0, kMostContacts,
                  violations);
  std::vector<TypedContact> contacts;
  for (int i = 0; i < std::min(household.key_contacts_size(), kMostContacts); ++i) {
    const pb::KeyContact& contact = household.key_contacts(i);
    const std::string field = rpc::At("household.key_contacts", i);
    contacts.push_back({ReadCell(rpc::In(field, "name"), contact.name(), 0, 200, violations),
                        ReadCell(rpc::In(field, "e164"), contact.e164(), 0, 200, violations)});
    if (contacts.back().name.empty() && contacts.back().phone.empty()) {
      violations.Add(field, "must have a name or a number");
    }
  }
  return contacts;
}

TenantCorrection ReadTenant(const std::string& field, const pb::Tenant& tenant,
                            absl::CivilDay today, Violations& violations) {
  TenantCorrection read;
  Tenant& corrected = read.tenant;
  corrected.id = rpc::ReadId<TenantId>(rpc::In(field, "tenant_id"), tenant.tenant_id(), violations);
  corrected.title = ReadCell(rpc::In(field, "title"), tenant.title(), 0, 50, violations);
  corrected.family_name =
      ReadCell(rpc::In(field, "family_name"), tenant.family_name(), 0, 200, violations);
  corrected.given_name =
      ReadCell(rpc::In(field, "given_name"), tenant.given_name(), 0, 200, violations);
  if (corrected.family_name.empty() && corrected.given_name.empty()) {
    violations.Add(field, "must have a family name or a given name");
  }
  if (tenant.has_birth_date()) {
    const std::string birth_date = rpc::In(field, "birth_date");
    corrected.birth_date = rpc::ReadDate(birth_date, true, tenant.birth_date(), violations);
    if (*corrected.birth_date > today) violations.Add(birth_date, "is in the future");
  }
  corrected.email = ReadCell(rpc::In(field, "email"), tenant.email(), 0, 320, violations);
  corrected.objection = tenant.objection();
  read.name_folded = Fold(corrected.family_name + " " + corrected.given_name);
  read.deceased = tenant.deceased();
  return read;
}

std::vector<TenantCorrection> ReadTenantList(const pb::Household& household, absl::CivilDay today,
                                             Violations& violations) {
  rpc::CheckCount("household.tenants", household.tenants_size(), 1, kMostTenants, violations);
  std::vector<TenantCorrection> tenants;
  absl::flat_hash_set<TenantId> named;
  for (int i = 0; i < std::min(household.tenants_size(), kMostTenants); ++i) {
    const std::string field = rpc::At("household.tenants", i);
    tenants.push_back(ReadTenant(field, household.tenants(i), today, violations));
    const TenantId id = tenants.back().tenant.id;
    if (!id.is_nil() && !named.insert(id).second) {
      violations.Add(rpc::In(field, "tenant_id"), "is named twice");
    }
  }
  return tenants;
}

HouseholdCorrection ReadCorrection(const pb::UpdateHouseholdRequest& request, absl::CivilDay today,
                                   Violations& violations) {
  const pb::Household& household = request.household();
  const auto& paths = request.update_mask().paths();
  rpc::CheckCount("update_mask.paths", paths.size(), 1, kMostPaths, violations);
  HouseholdCorrection correction;
  for (int i = 0; i < std::min(paths.size(), kMostPaths); ++i) {
    if (paths[i] == "phones") {
      correction.phones = ReadPhoneList(household, violations);
    } else if (paths[i] == "key_contacts") {
      correction.key_contacts = ReadContactList(household, violations);
    } else if (paths[i] == "tenants") {
      correction.tenants = ReadTenantList(household, today, violations);
    } else if (paths[i] == "objection") {
      correction.objection = household.objection();
    } else if (paths[i] == "state") {
      correction.state = static_cast<Residency>(rpc::ReadEnum<pb::ResidencyState>(
          "household.state", household.state(), pb::ResidencyState_IsValid, violations));
    } else {
      violations.Add(rpc::At("update_mask.paths", i),
                     "names no field that can be changed: phones, key_contacts, tenants, "
                     "objection or state");
    }
  }
  return correction;
}

}  // namespace

absl::StatusOr<HouseholdUpdate> FromProto(const pb::UpdateHouseholdRequest& request,
                                          absl::CivilDay today) {
  Violations violations;
  HouseholdUpdate update;
  update.request = rpc::ReadRequestId(request.request_id(), violations);
  update.household = rpc::ReadId<HouseholdId>("household.household_id",
                                              request.household().household_id(), violations);
  update.etag = rpc::ReadText("household.etag", request.household().etag(), 0, 64, violations);
  update.correction = ReadCorrection(request, today, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return update;
}

absl::Status Unreadable(const ReadList& phones, const ReadContacts& contacts) {
  constexpr char kFault[] = "is not one phone number";
  Violations violations;
  for (const size_t place : phones.unreadable) {
    violations.Add(rpc::At("household.phones", static_cast<int>(place)), kFault);
  }
  for (const size_t place : contacts.unreadable) {
    const std::string field = rpc::At("household.key_contacts", static_cast<int>(place));
    violations.Add(rpc::In(field, "e164"), kFault);
  }
  return violations.ToStatus();
}

}  // namespace veille::tenant_registry
