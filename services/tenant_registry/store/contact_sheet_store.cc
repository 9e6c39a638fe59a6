#include "tenant_registry/store/contact_sheet_store.h"

#include <utility>

#include "absl/strings/escaping.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kReadContactSheets{"contact_sheets.read", R"sql(
  WITH found AS MATERIALIZED (
    SELECT a.at, a.landlord_id, a.household_id, a.caller, a.purpose, h.version, h.objection,
           h.objection_calls_only, h.dwelling_id, h.contacts_corrected
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY
      AS a (landlord_id, household_id, caller, purpose, at)
    JOIN households AS h ON h.landlord_id = a.landlord_id AND h.household_id = a.household_id),
  audited AS (
    INSERT INTO audit_events
      (landlord_id, actor_role, actor, method, object_kind, object_id, purpose, outcome)
    SELECT f.landlord_id, 'service', f.caller, 'BatchGetContactSheets', 'household',
           f.household_id, f.purpose, 'done'
    FROM found AS f)
  SELECT f.at, f.household_id, f.version, f.objection, f.objection_calls_only, d.dwelling_number,
         d.residence, d.building, d.staircase, d.floor, d.door, d.street_address, d.postal_code,
         d.commune_name, d.commune_code, d.time_zone, t.ids, t.titles, t.family_names,
         t.given_names, t.birth_dates, t.objections, p.e164, p.hashes, c.names AS contact_names,
         c.e164 AS contact_e164
  FROM found AS f
  JOIN dwellings AS d ON d.landlord_id = f.landlord_id AND d.dwelling_id = f.dwelling_id
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(t.tenant_id ORDER BY t.position, t.tenant_id), '{}') AS ids,
           coalesce(array_agg(t.title ORDER BY t.position, t.tenant_id), '{}') AS titles,
           coalesce(array_agg(t.family_name ORDER BY t.position, t.tenant_id), '{}')
             AS family_names,
           coalesce(array_agg(t.given_name ORDER BY t.position, t.tenant_id), '{}')
             AS given_names,
           coalesce(array_agg(coalesce(t.birth_date::text, '') ORDER BY t.position, t.tenant_id),
                    '{}') AS birth_dates,
           coalesce(array_agg(t.objection ORDER BY t.position, t.tenant_id), '{}') AS objections
    FROM tenants AS t
    WHERE t.landlord_id = f.landlord_id AND t.household_id = f.household_id AND t.present) AS t
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(ph.e164 ORDER BY m.position NULLS FIRST, ph.tenant_id, ph.position),
                    '{}') AS e164,
           coalesce(array_agg(encode(ph.phone_hash, 'hex')
                              ORDER BY m.position NULLS FIRST, ph.tenant_id, ph.position),
                    '{}') AS hashes
    FROM phones AS ph
    LEFT JOIN tenants AS m ON m.landlord_id = f.landlord_id AND m.household_id = ph.household_id
      AND m.tenant_id = ph.tenant_id
    WHERE ph.landlord_id = f.landlord_id AND ph.household_id = f.household_id
      AND ph.verdict IN (1, 2)) AS p
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(k.name ORDER BY k.position, m.position), '{}') AS names,
           coalesce(array_agg(k.e164 ORDER BY k.position, m.position), '{}') AS e164
    FROM key_contacts AS k
    LEFT JOIN tenants AS m ON m.landlord_id = f.landlord_id AND m.household_id = k.household_id
      AND m.tenant_id = k.tenant_id
    WHERE k.landlord_id = f.landlord_id AND k.household_id = f.household_id
      AND (k.position > 0) = f.contacts_corrected) AS c
)sql"};

using Texts = std::vector<std::string>;

std::vector<Tenant> ReadTenants(const db::Row& row) {
  const auto ids = row.Get<std::vector<TenantId>>("ids");
  const Texts titles = row.Get<Texts>("titles");
  const Texts family_names = row.Get<Texts>("family_names");
  const Texts given_names = row.Get<Texts>("given_names");
  const Texts birth_dates = row.Get<Texts>("birth_dates");
  const Texts objections = row.Get<Texts>("objections");
  std::vector<Tenant> tenants(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    Tenant& tenant = tenants[i];
    tenant.id = ids[i];
    tenant.title = titles[i];
    tenant.family_name = family_names[i];
    tenant.given_name = given_names[i];
    absl::CivilDay birth;
    if (absl::ParseCivilTime(birth_dates[i], &birth)) tenant.birth_date = birth;
    tenant.objection = objections[i] == "t";
  }
  return tenants;
}

ContactSheet SheetFromRow(const db::Row& row) {
  ContactSheet sheet;
  sheet.household = row.Get<HouseholdId>("household_id");
  sheet.version = row.Get<int64_t>("version");
  sheet.objection = row.Get<bool>("objection");
  sheet.calls_only = row.Get<bool>("objection_calls_only");
  Dwelling& d = sheet.dwelling;
  d.number = row.Get<std::string>("dwelling_number");
  d.residence = row.Get<std::string>("residence");
  d.building = row.Get<std::string>("building");
  d.staircase = row.Get<std::string>("staircase");
  d.floor = row.Get<std::string>("floor");
  d.door = row.Get<std::string>("door");
  d.street_address = row.Get<std::string>("street_address");
  d.postal_code = row.Get<std::string>("postal_code");
  d.commune_name = row.Get<std::string>("commune_name");
  d.commune_code = row.Get<std::string>("commune_code");
  d.time_zone = row.Get<std::string>("time_zone");
  sheet.tenants = ReadTenants(row);
  const Texts e164 = row.Get<Texts>("e164");
  const Texts hashes = row.Get<Texts>("hashes");
  for (size_t i = 0; i < e164.size(); ++i) {
    sheet.phones.push_back({e164[i], PhoneVerdict::kValid, absl::HexStringToBytes(hashes[i]), ""});
  }
  sheet.phones = WithoutRepetition(std::move(sheet.phones));
  const Texts contact_names = row.Get<Texts>("contact_names");
  const Texts contact_e164 = row.Get<Texts>("contact_e164");
  for (size_t i = 0; i < contact_names.size(); ++i) {
    sheet.key_contacts.push_back({contact_names[i], contact_e164[i]});
  }
  return sheet;
}

}  // namespace

std::vector<std::optional<ContactSheet>> ReadContactSheets(db::WriteTx& tx,
                                                           const std::vector<AskedSheet>& asked) {
  std::vector<LandlordId> landlords;
  std::vector<HouseholdId> households;
  std::vector<std::string> callers, purposes;
  for (const AskedSheet& one : asked) {
    landlords.push_back(one.landlord);
    households.push_back(one.query.household);
    callers.push_back(one.caller);
    purposes.push_back(one.query.purpose);
  }
  std::vector<std::optional<ContactSheet>> sheets(asked.size());
  for (const db::Row row : tx.Run(kReadContactSheets, landlords, households, callers, purposes)) {
    sheets[static_cast<size_t>(row.Get<int64_t>("at")) - 1] = SheetFromRow(row);
  }
  return sheets;
}

}  // namespace veille::tenant_registry
