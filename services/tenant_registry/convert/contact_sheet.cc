#include "tenant_registry/convert/contact_sheet.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/calendar.h"

namespace veille::tenant_registry {
namespace {

using rpc::Violations;

constexpr int kMostQueries = 256;
// Faulty queries beyond these are not told one by one.
constexpr int kMostFaulty = 20;

std::string ReadPurpose(const std::string& at, const pb::ContactSheetQuery& query,
                        Violations& violations) {
  using Query = pb::ContactSheetQuery;
  if (query.purpose_case() == Query::kLeaseId) {
    return "lease " +
           rpc::ReadUuid(rpc::In(at, "lease_id"), query.lease_id(), violations).ToString();
  }
  if (query.purpose_case() == Query::kFindingId) {
    return "finding " +
           rpc::ReadUuid(rpc::In(at, "finding_id"), query.finding_id(), violations).ToString();
  }
  violations.Add(rpc::In(at, "purpose"), "is required");
  return "";
}

absl::CivilDay Today(const std::string& time_zone, absl::Time now) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  return absl::ToCivilDay(now, zone);
}

}  // namespace

absl::StatusOr<std::vector<ContactSheetQuery>> FromProto(
    const pb::BatchGetContactSheetsRequest& request) {
  Violations violations;
  rpc::CheckCount("queries", request.queries_size(), 1, kMostQueries, violations);
  std::vector<ContactSheetQuery> queries;
  absl::flat_hash_set<HouseholdId> asked;
  int faulty = 0;
  for (int i = 0; i < std::min(request.queries_size(), kMostQueries) && faulty < kMostFaulty; ++i) {
    const pb::ContactSheetQuery& query = request.queries(i);
    const std::string at = rpc::At("queries", i);
    ContactSheetQuery read;
    read.household =
        rpc::ReadId<HouseholdId>(rpc::In(at, "household_id"), query.household_id(), violations);
    read.purpose = ReadPurpose(at, query, violations);
    if (!read.household.is_nil() && !asked.insert(read.household).second) {
      violations.Add(rpc::In(at, "household_id"), "is asked for twice");
    }
    if (!violations.empty()) ++faulty;  // from the first fault on only faults matter
    queries.push_back(std::move(read));
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return queries;
}

pb::ContactSheet ToProto(const ContactSheet& sheet, absl::Time now) {
  pb::ContactSheet proto;
  proto.set_household_id(sheet.household.ToString());
  proto.set_version(sheet.version);
  for (const std::string& line : AddressLines(sheet.dwelling)) proto.add_address_lines(line);
  proto.set_commune_code(sheet.dwelling.commune_code);
  proto.set_commune_name(sheet.dwelling.commune_name);
  proto.set_time_zone(sheet.dwelling.time_zone);
  const absl::CivilDay today = Today(sheet.dwelling.time_zone, now);
  for (const Tenant& tenant : sheet.tenants) {
    pb::ContactTenant* added = proto.add_tenants();
    added->set_tenant_id(tenant.id.ToString());
    added->set_title(tenant.title);
    added->set_family_name(tenant.family_name);
    added->set_given_name(tenant.given_name);
    if (tenant.birth_date.has_value())
      added->set_age(std::max(0, AgeOn(*tenant.birth_date, today)));
    added->set_objection(sheet.objection || tenant.objection);
    added->set_calls_only(sheet.calls_only && !tenant.objection);
  }
  int position = 0;
  for (const Phone& phone : sheet.phones) {
    pb::ContactPhone* added = proto.add_phones();
    added->set_e164(phone.e164);
    added->set_position(++position);
    added->set_phone_hash(phone.hash);
  }
  for (const KeyContact& contact : sheet.key_contacts) {
    pb::KeyContact* added = proto.add_key_contacts();
    added->set_name(contact.name);
    added->set_e164(contact.e164);
  }
  return proto;
}

}  // namespace veille::tenant_registry
