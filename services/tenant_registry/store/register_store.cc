#include "tenant_registry/store/register_store.h"

#include <optional>

#include "absl/time/civil_time.h"
#include "tenant_registry/domain/digest.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kWriteDwellings{"dwellings.write", R"sql(
  INSERT INTO dwellings AS d
    (landlord_id, dwelling_id, dwelling_number, residence, building, staircase, floor, door,
     street_address, postal_code, commune_name, commune_code, time_zone)
  SELECT $1::uuid, n.dwelling_id, n.dwelling_number, n.residence, n.building, n.staircase, n.floor,
         n.door, n.street_address, n.postal_code, n.commune_name, n.commune_code, n.time_zone
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
    AS n (dwelling_id, dwelling_number, residence, building, staircase, floor, door,
          street_address, postal_code, commune_name, commune_code, time_zone)
  ON CONFLICT (landlord_id, dwelling_id) DO UPDATE
  SET residence = excluded.residence, building = excluded.building,
      staircase = excluded.staircase, floor = excluded.floor, door = excluded.door,
      street_address = excluded.street_address, postal_code = excluded.postal_code,
      commune_name = excluded.commune_name, commune_code = excluded.commune_code,
      time_zone = excluded.time_zone
  WHERE (d.residence, d.building, d.staircase, d.floor, d.door, d.street_address, d.postal_code,
         d.commune_name, d.commune_code, d.time_zone)
    IS DISTINCT FROM (excluded.residence, excluded.building, excluded.staircase, excluded.floor,
         excluded.door, excluded.street_address, excluded.postal_code, excluded.commune_name,
         excluded.commune_code, excluded.time_zone)
)sql"};

// A household that a coordinator says has left has left, whatever the register says.
constexpr db::Query kWriteHouseholds{"households.write", R"sql(
  INSERT INTO households AS h
    (landlord_id, household_id, dwelling_id, client_reference, state, version, objection,
     move_in_date, changed_time)
  SELECT $1::uuid, n.household_id, n.dwelling_id, n.client_reference, 1, 1, false,
         n.move_in_date::date, veille_now()
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])
    AS n (household_id, dwelling_id, client_reference, move_in_date)
  ON CONFLICT (landlord_id, household_id) DO UPDATE
  SET state = CASE WHEN h.state_corrected THEN h.state ELSE 1 END,
      state_corrected = h.state_corrected AND h.state = 2, version = h.version + 1,
      move_in_date = coalesce(excluded.move_in_date, h.move_in_date),
      changed_time = excluded.changed_time
)sql"};

constexpr db::Query kBumpHouseholds{"households.bump", R"sql(
  UPDATE households SET version = version + 1, changed_time = veille_now()
  WHERE landlord_id = $1::uuid AND household_id = ANY ($2::uuid[])
)sql"};

// An objection survives: it is never taken back by a row that says no, and somebody whose row comes
// under a new key (a corrected name or birth date) keeps the one that was recorded before. What a
// coordinator corrected stands.
constexpr db::Query kWriteTenants{"tenants.write", R"sql(
  INSERT INTO tenants AS t
    (landlord_id, tenant_id, household_id, position, title, family_name, given_name, name_folded,
     birth_date, relation, email, present, objection, objection_time)
  SELECT $1::uuid, n.tenant_id, n.household_id, n.position, n.title, n.family_name, n.given_name,
         n.name_folded, n.birth_date::date, n.relation, n.email, true, o.objects,
         CASE WHEN o.objects THEN veille_now() END
  FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::boolean[], $13::boolean[])
    AS n (tenant_id, household_id, position, title, family_name, given_name, name_folded,
          birth_date, relation, email, objection, household_known)
  CROSS JOIN LATERAL (
    SELECT n.objection OR n.household_known AND EXISTS (
      SELECT FROM tenants AS before
      WHERE before.landlord_id = $1::uuid AND before.household_id = n.household_id
        AND before.objection AND before.tenant_id <> n.tenant_id
        AND (before.name_folded = n.name_folded OR before.birth_date = n.birth_date::date))
      AS objects) AS o
  ON CONFLICT (landlord_id, tenant_id) DO UPDATE
  SET household_id = excluded.household_id,
      title = CASE WHEN t.corrected THEN t.title ELSE excluded.title END,
      family_name = CASE WHEN t.corrected THEN t.family_name ELSE excluded.family_name END,
      given_name = CASE WHEN t.corrected THEN t.given_name ELSE excluded.given_name END,
      name_folded = CASE WHEN t.corrected THEN t.name_folded ELSE excluded.name_folded END,
      birth_date = CASE WHEN t.corrected THEN t.birth_date ELSE excluded.birth_date END,
      email = CASE WHEN t.corrected THEN t.email ELSE excluded.email END,
      relation = excluded.relation, present = NOT t.deceased,
      objection = t.objection OR excluded.objection,
      objection_time = coalesce(t.objection_time, excluded.objection_time)
)sql"};

constexpr db::Query kTenantsGone{"tenants.gone", R"sql(
  UPDATE tenants SET present = false
  WHERE landlord_id = $1::uuid AND tenant_id = ANY ($2::uuid[])
)sql"};

constexpr db::Query kTenantsObject{"tenants.object_in_import", R"sql(
  UPDATE tenants SET objection = true, objection_time = veille_now()
  WHERE landlord_id = $1::uuid AND tenant_id = ANY ($2::uuid[]) AND NOT objection
)sql"};

constexpr db::Query kClearPhones{"phones.clear", R"sql(
  DELETE FROM phones AS p
  USING unnest($2::uuid[], $3::uuid[]) AS c (household_id, tenant_id)
  WHERE p.landlord_id = $1::uuid AND p.household_id = c.household_id AND p.tenant_id = c.tenant_id
)sql"};

constexpr db::Query kClearKeyContacts{"key_contacts.clear", R"sql(
  DELETE FROM key_contacts AS k
  USING unnest($2::uuid[], $3::uuid[]) AS c (household_id, tenant_id)
  WHERE k.landlord_id = $1::uuid AND k.household_id = c.household_id AND k.tenant_id = c.tenant_id
)sql"};

constexpr db::Query kInsertPhones{"phones.insert", R"sql(
  INSERT INTO phones (landlord_id, household_id, tenant_id, position, verdict, e164, phone_hash,
                      original)
  SELECT $1::uuid, n.household_id, n.tenant_id, n.position,
         CASE WHEN f.phone_hash IS NULL THEN n.verdict ELSE 4 END, n.e164, n.phone_hash, n.original
  FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::integer[], $6::text[], $7::bytea[],
              $8::text[])
    AS n (household_id, tenant_id, position, verdict, e164, phone_hash, original)
  LEFT JOIN phone_faults AS f ON f.landlord_id = $1::uuid AND f.household_id = n.household_id
    AND f.phone_hash = n.phone_hash
  WHERE f.fault IS DISTINCT FROM 3
)sql"};

constexpr db::Query kInsertKeyContacts{"key_contacts.insert", R"sql(
  INSERT INTO key_contacts (landlord_id, household_id, tenant_id, name, e164)
  SELECT $1::uuid, n.household_id, n.tenant_id, n.name, n.e164
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[])
    AS n (household_id, tenant_id, name, e164)
)sql"};

constexpr db::Query kWriteRows{"register_rows.write", R"sql(
  INSERT INTO register_rows (landlord_id, row_key, contents, dwelling_id, household_id, tenant_id,
                             seen_import, changed_import)
  SELECT $1::uuid, n.row_key, n.contents, n.dwelling_id, n.household_id, n.tenant_id, $2::uuid,
         $2::uuid
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[])
    AS n (row_key, contents, dwelling_id, household_id, tenant_id)
  ON CONFLICT (landlord_id, row_key) DO UPDATE
  SET contents = excluded.contents, dwelling_id = excluded.dwelling_id,
      household_id = excluded.household_id, tenant_id = excluded.tenant_id,
      seen_import = excluded.seen_import, changed_import = excluded.changed_import
)sql"};

constexpr db::Query kSeeRows{"register_rows.see", R"sql(
  UPDATE register_rows SET seen_import = $2::uuid
  WHERE landlord_id = $1::uuid AND row_key = ANY ($3::uuid[])
)sql"};

constexpr db::Query kKeepRefused{"refused_rows.keep", R"sql(
  INSERT INTO refused_rows (landlord_id, import_id, row_number, line_number, reason, birth_date,
                            dwelling_number, client_reference, name, address, town, commune_code)
  SELECT $1::uuid, $2::uuid, n.row_number, n.line_number, n.reason, n.birth_date::date,
         n.dwelling_number, n.client_reference, n.name, n.address, n.town, n.commune_code
  FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::text[], $11::text[], $12::text[])
    AS n (row_number, line_number, reason, birth_date, dwelling_number, client_reference, name,
          address, town, commune_code)
)sql"};

std::optional<std::string> DayText(const std::optional<absl::CivilDay>& day) {
  if (!day.has_value()) return std::nullopt;
  return absl::FormatCivilTime(*day);
}

}  // namespace

void RegisterStore::WriteChunk(ImportId import, const ChunkPlan& plan) {
  if (!plan.dwellings.empty()) WriteDwellings(plan);
  WriteHouseholds(plan);
  WriteTenants(plan);
  WriteReach(plan);
  WriteRows(import, plan);
}

void RegisterStore::WriteDwellings(const ChunkPlan& plan) {
  std::vector<DwellingId> ids;
  std::vector<std::string> number, residence, building, staircase, floor, door, street, postal_code,
      commune_name, commune_code, time_zone;
  for (const DwellingWrite& write : plan.dwellings) {
    const Dwelling& d = *write.dwelling;
    ids.push_back(write.id);
    number.push_back(d.number);
    residence.push_back(d.residence);
    building.push_back(d.building);
    staircase.push_back(d.staircase);
    floor.push_back(d.floor);
    door.push_back(d.door);
    street.push_back(d.street_address);
    postal_code.push_back(d.postal_code);
    commune_name.push_back(d.commune_name);
    commune_code.push_back(d.commune_code);
    time_zone.push_back(d.time_zone);
  }
  tx_.Run(kWriteDwellings, landlord_, ids, number, residence, building, staircase, floor, door,
          street, postal_code, commune_name, commune_code, time_zone);
}

void RegisterStore::WriteHouseholds(const ChunkPlan& plan) {
  std::vector<HouseholdId> ids;
  std::vector<DwellingId> dwellings;
  std::vector<std::string> references;
  std::vector<std::optional<std::string>> move_ins;
  for (const HouseholdWrite& write : plan.households) {
    ids.push_back(write.id);
    dwellings.push_back(write.dwelling);
    references.push_back(write.client_reference);
    move_ins.push_back(DayText(write.move_in_date));
  }
  if (!ids.empty()) tx_.Run(kWriteHouseholds, landlord_, ids, dwellings, references, move_ins);
  std::vector<HouseholdId> bumped = plan.lost;
  for (const Membership& objection : plan.objections) bumped.push_back(objection.household);
  if (!bumped.empty()) tx_.Run(kBumpHouseholds, landlord_, bumped);
}

void RegisterStore::WriteTenants(const ChunkPlan& plan) {
  std::vector<TenantId> ids;
  std::vector<HouseholdId> households;
  std::vector<int64_t> positions;
  std::vector<std::string> title, family_name, given_name, name_folded, relation, email;
  std::vector<std::optional<std::string>> birth_dates;
  std::vector<bool> objections, households_known;
  for (const TenantWrite& write : plan.tenants) {
    const RegisterRow& row = *write.row;
    ids.push_back(write.id);
    households.push_back(write.household);
    positions.push_back(write.position);
    title.push_back(row.title);
    family_name.push_back(row.family_name);
    given_name.push_back(row.given_name);
    name_folded.push_back(row.name_folded);
    birth_dates.push_back(DayText(row.birth_date));
    relation.push_back(row.relation);
    email.push_back(row.email);
    objections.push_back(write.objection);
    households_known.push_back(write.household_known);
  }
  if (!ids.empty()) {
    tx_.Run(kWriteTenants, landlord_, ids, households, positions, title, family_name, given_name,
            name_folded, birth_dates, relation, email, objections, households_known);
  }
  if (!plan.gone.empty()) tx_.Run(kTenantsGone, landlord_, plan.gone);
  std::vector<TenantId> objecting;
  for (const Membership& objection : plan.objections) objecting.push_back(objection.tenant);
  if (!objecting.empty()) tx_.Run(kTenantsObject, landlord_, objecting);
}

void RegisterStore::WriteReach(const ChunkPlan& plan) {
  std::vector<HouseholdId> old_homes;
  std::vector<TenantId> old_tenants;
  for (const Membership& old : plan.cleared) {
    old_homes.push_back(old.household);
    old_tenants.push_back(old.tenant);
  }
  if (!old_homes.empty()) {
    tx_.Run(kClearPhones, landlord_, old_homes, old_tenants);
    tx_.Run(kClearKeyContacts, landlord_, old_homes, old_tenants);
  }
  std::vector<HouseholdId> homes, contact_homes;
  std::vector<TenantId> tenants, contact_tenants;
  std::vector<int32_t> positions, verdicts;
  std::vector<std::optional<std::string>> e164;
  std::vector<std::optional<db::Bytes>> hashes;
  std::vector<std::string> originals, contact_names, contact_e164;
  for (const TenantWrite& write : plan.tenants) {
    int32_t position = 0;
    for (const PhoneNumber& phone : write.row->phones) {
      const bool invalid = phone.e164.empty();
      homes.push_back(write.household);
      tenants.push_back(write.id);
      positions.push_back(++position);
      verdicts.push_back(static_cast<int32_t>(phone.verdict));
      e164.push_back(invalid ? std::nullopt : std::optional(phone.e164));
      hashes.push_back(invalid ? std::nullopt
                               : std::optional(db::Bytes{KeyedHash(phone_key_, phone.e164)}));
      originals.push_back(phone.original);
    }
    const KeyContact& contact = write.row->key_contact;
    if (contact.name.empty() && contact.e164.empty()) continue;
    contact_homes.push_back(write.household);
    contact_tenants.push_back(write.id);
    contact_names.push_back(contact.name);
    contact_e164.push_back(contact.e164);
  }
  if (!homes.empty()) {
    tx_.Run(kInsertPhones, landlord_, homes, tenants, positions, verdicts, e164, hashes, originals);
  }
  if (!contact_homes.empty()) {
    tx_.Run(kInsertKeyContacts, landlord_, contact_homes, contact_tenants, contact_names,
            contact_e164);
  }
}

void RegisterStore::WriteRows(ImportId import, const ChunkPlan& plan) {
  std::vector<ids::Uuid> keys, contents;
  std::vector<DwellingId> dwellings;
  std::vector<std::optional<HouseholdId>> households;
  std::vector<std::optional<TenantId>> tenants;
  for (const RowWrite& row : plan.rows) {
    keys.push_back(row.key);
    contents.push_back(row.contents);
    dwellings.push_back(row.dwelling);
    households.push_back(row.household);
    tenants.push_back(row.tenant);
  }
  if (!keys.empty()) {
    tx_.Run(kWriteRows, landlord_, import, keys, contents, dwellings, households, tenants);
  }
  if (!plan.unchanged.empty()) tx_.Run(kSeeRows, landlord_, import, plan.unchanged);
}

void RegisterStore::KeepRefused(ImportId import, absl::Span<const JudgedRow> rows,
                                int64_t first_number) {
  std::vector<int64_t> numbers, lines;
  std::vector<std::string> reasons, dwelling_numbers, references, names, addresses, towns, codes;
  std::vector<std::optional<std::string>> birth_dates;
  for (size_t i = 0; i < rows.size(); ++i) {
    const RefusedRow* refused = rows[i].refused();
    if (refused == nullptr || !refused->names_person) continue;
    numbers.push_back(first_number + static_cast<int64_t>(i));
    lines.push_back(rows[i].line_number);
    reasons.emplace_back(refused->reason);
    birth_dates.push_back(DayText(refused->birth_date));
    dwelling_numbers.push_back(refused->dwelling_number);
    references.push_back(refused->client_reference);
    names.push_back(refused->name);
    addresses.push_back(refused->address);
    towns.push_back(refused->town);
    codes.push_back(refused->commune_code);
  }
  if (numbers.empty()) return;
  tx_.Run(kKeepRefused, landlord_, import, numbers, lines, reasons, birth_dates, dwelling_numbers,
          references, names, addresses, towns, codes);
}

}  // namespace veille::tenant_registry
