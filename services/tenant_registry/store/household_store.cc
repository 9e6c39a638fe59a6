#include "tenant_registry/store/household_store.h"

#include <utility>

#include "absl/container/flat_hash_map.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kListHouseholds{"households.list", R"sql(
  SELECT h.household_id
  FROM households AS h
  JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
  WHERE h.landlord_id = $1::uuid AND h.household_id > $2::uuid AND (h.state = 1 OR $3::boolean)
    AND ($4 = '' OR d.commune_code = $4)
  ORDER BY h.household_id LIMIT 1001
)sql"};

constexpr db::Query kListOfDwelling{"households.list_of_dwelling", R"sql(
  SELECT h.household_id
  FROM dwellings AS d
  JOIN households AS h ON h.landlord_id = d.landlord_id AND h.dwelling_id = d.dwelling_id
  WHERE d.landlord_id = $1::uuid AND d.dwelling_number = $5 AND h.household_id > $2::uuid
    AND (h.state = 1 OR $3::boolean) AND ($4 = '' OR d.commune_code = $4)
    AND ($6 = '' OR h.client_reference = $6)
  ORDER BY h.household_id LIMIT 1001
)sql"};

constexpr db::Query kListOfReference{"households.list_of_reference", R"sql(
  SELECT h.household_id
  FROM households AS h
  JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
  WHERE h.landlord_id = $1::uuid AND h.client_reference = $5 AND h.client_reference <> ''
    AND h.household_id > $2::uuid
    AND (h.state = 1 OR $3::boolean) AND ($4 = '' OR d.commune_code = $4)
  ORDER BY h.household_id LIMIT 1001
)sql"};

// Only as many households are looked up as the page has room for.
constexpr db::Query kFindByName{"tenants.find_by_name", R"sql(
  SELECT m.household_id
  FROM (SELECT household_id, bool_or(present) AS present
        FROM find_tenants_named($1::uuid, $2::tsquery)
        WHERE household_id > $3::uuid GROUP BY household_id ORDER BY household_id) AS m
  CROSS JOIN LATERAL (
    SELECT FROM households AS h
    WHERE h.landlord_id = $1::uuid AND h.household_id = m.household_id
      AND CASE h.state WHEN 1 THEN m.present ELSE $4::boolean END LIMIT 1) AS here
  ORDER BY m.household_id LIMIT $5::integer
)sql"};

constexpr db::Query kLoadHouseholds{"households.load", R"sql(
  SELECT h.household_id, h.version, h.client_reference, h.state, h.objection,
         h.objection_calls_only, h.move_in_date, h.changed_time, d.dwelling_number, d.residence,
         d.building, d.staircase, d.floor, d.door, d.street_address, d.postal_code, d.commune_name,
         d.commune_code, d.time_zone
  FROM unnest($2::uuid[]) AS k (household_id)
  JOIN households AS h ON h.landlord_id = $1::uuid AND h.household_id = k.household_id
  JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
  ORDER BY h.household_id
)sql"};

// Of a household that left, those who lived there.
constexpr db::Query kLoadTenants{"tenants.load", R"sql(
  SELECT t.household_id, t.tenant_id, t.title, t.family_name, t.given_name, t.birth_date,
         t.relation, t.email, t.objection
  FROM unnest($2::uuid[]) AS k (household_id)
  JOIN households AS h ON h.landlord_id = $1::uuid AND h.household_id = k.household_id
  JOIN tenants AS t ON t.landlord_id = $1::uuid AND t.household_id = k.household_id
  WHERE t.present OR (h.state = 2 AND NOT t.deceased)
  ORDER BY t.household_id, t.position, t.tenant_id
)sql"};

constexpr db::Query kLoadPhones{"phones.load", R"sql(
  SELECT p.household_id, p.verdict, coalesce(p.e164, '') AS e164,
         coalesce(p.phone_hash, '') AS phone_hash, p.original
  FROM unnest($2::uuid[]) AS k (household_id)
  JOIN phones AS p ON p.landlord_id = $1::uuid AND p.household_id = k.household_id
  LEFT JOIN tenants AS t ON t.landlord_id = $1::uuid AND t.household_id = p.household_id
    AND t.tenant_id = p.tenant_id
  ORDER BY p.household_id, t.position NULLS FIRST, p.tenant_id, p.position
)sql"};

constexpr db::Query kLoadKeyContacts{"key_contacts.load", R"sql(
  SELECT c.household_id, c.name, c.e164
  FROM unnest($2::uuid[]) AS k (household_id)
  JOIN households AS h ON h.landlord_id = $1::uuid AND h.household_id = k.household_id
  JOIN key_contacts AS c ON c.landlord_id = $1::uuid AND c.household_id = k.household_id
    AND (c.position > 0) = h.contacts_corrected
  LEFT JOIN tenants AS t ON t.landlord_id = $1::uuid AND t.household_id = c.household_id
    AND t.tenant_id = c.tenant_id
  GROUP BY c.household_id, c.name, c.e164
  ORDER BY c.household_id, min(c.position), min(t.position)
)sql"};

constexpr db::Query kLockHousehold{"households.lock", R"sql(
  SELECT version, objection, objection_calls_only FROM households
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid FOR UPDATE
)sql"};

constexpr db::Query kBumpHousehold{"households.bump_one", R"sql(
  UPDATE households SET version = version + 1, changed_time = veille_now()
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid
  RETURNING version
)sql"};

constexpr db::Query kMarkPhone{"phones.mark_not_working", R"sql(
  WITH named AS MATERIALIZED (
    SELECT tenant_id, position, verdict FROM phones
    WHERE landlord_id = $1::uuid AND household_id = $2::uuid AND phone_hash = $3::bytea
    FOR UPDATE),
  fault AS (
    INSERT INTO phone_faults (landlord_id, household_id, phone_hash, fault, attempt_id)
    SELECT $1::uuid, $2::uuid, $3::bytea, $4::smallint, $5::uuid WHERE EXISTS (SELECT FROM named)
    ON CONFLICT (landlord_id, household_id, phone_hash) DO NOTHING),
  marked AS (
    UPDATE phones SET verdict = 4
    FROM named
    WHERE phones.landlord_id = $1::uuid AND phones.household_id = $2::uuid
      AND phones.tenant_id = named.tenant_id AND phones.position = named.position)
  SELECT count(*) AS phones, coalesce(bool_or(verdict <> 4), false) AS callable FROM named
)sql"};

constexpr db::Query kHouseholdObjects{"households.object", R"sql(
  UPDATE households
  SET objection = true, objection_time = $3::timestamptz, objection_calls_only = $4::boolean
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid
)sql"};

constexpr db::Query kTenantObjects{"tenants.object", R"sql(
  UPDATE tenants AS t
  SET objection = true, objection_time = coalesce(t.objection_time, $4::timestamptz)
  FROM (SELECT objection FROM tenants
        WHERE landlord_id = $1::uuid AND household_id = $2::uuid AND tenant_id = $3::uuid
        FOR UPDATE) AS before
  WHERE t.landlord_id = $1::uuid AND t.tenant_id = $3::uuid AND t.household_id = $2::uuid
    AND t.present
  RETURNING NOT before.objection AS fresh
)sql"};

// The words of a landlord carry its id. They hold letters and digits only: nothing to be quoted.
std::string ToTsquery(LandlordId landlord, const std::vector<SoughtWord>& words) {
  std::string query;
  for (const SoughtWord& word : words) {
    if (!query.empty()) query += " & ";
    query += "'" + landlord.ToString() + word.text + (word.begins ? "':*" : "'");
  }
  return query;
}

Household HouseholdFromRow(const db::Row& row) {
  Household household;
  household.id = row.Get<HouseholdId>("household_id");
  household.version = row.Get<int64_t>("version");
  household.client_reference = row.Get<std::string>("client_reference");
  household.state = static_cast<Residency>(row.Get<int>("state"));
  household.objection = row.Get<bool>("objection");
  household.calls_only = row.Get<bool>("objection_calls_only");
  household.move_in_date = row.Find<absl::CivilDay>("move_in_date");
  household.update_time = row.Get<absl::Time>("changed_time");
  Dwelling& d = household.dwelling;
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
  return household;
}

Tenant TenantFromRow(const db::Row& row) {
  return Tenant{.id = row.Get<TenantId>("tenant_id"),
                .title = row.Get<std::string>("title"),
                .family_name = row.Get<std::string>("family_name"),
                .given_name = row.Get<std::string>("given_name"),
                .birth_date = row.Find<absl::CivilDay>("birth_date"),
                .relation = row.Get<std::string>("relation"),
                .email = row.Get<std::string>("email"),
                .objection = row.Get<bool>("objection")};
}

Phone PhoneFromRow(const db::Row& row) {
  return Phone{.e164 = row.Get<std::string>("e164"),
               .verdict = static_cast<PhoneVerdict>(row.Get<int>("verdict")),
               .hash = row.Get<db::Bytes>("phone_hash").value,
               .original = row.Get<std::string>("original")};
}

}  // namespace

std::vector<HouseholdId> HouseholdReader::List(const HouseholdFilter& filter, HouseholdId after,
                                               size_t most) {
  const db::Rows rows =
      !filter.dwelling_number.empty()
          ? tx_.Run(kListOfDwelling, landlord_, after, filter.include_left, filter.commune_code,
                    filter.dwelling_number, filter.client_reference)
      : !filter.client_reference.empty()
          ? tx_.Run(kListOfReference, landlord_, after, filter.include_left, filter.commune_code,
                    filter.client_reference)
          : tx_.Run(kListHouseholds, landlord_, after, filter.include_left, filter.commune_code);
  std::vector<HouseholdId> ids;
  for (size_t i = 0; i < rows.size() && i < most; ++i) {
    ids.push_back(rows[i].Get<HouseholdId>("household_id"));
  }
  return ids;
}

std::vector<HouseholdId> HouseholdReader::FindByName(const std::vector<SoughtWord>& words,
                                                     bool include_left, HouseholdId after,
                                                     size_t most) {
  std::vector<HouseholdId> ids;
  for (const db::Row row : tx_.Run(kFindByName, landlord_, ToTsquery(landlord_, words), after,
                                   include_left, static_cast<int>(most))) {
    ids.push_back(row.Get<HouseholdId>("household_id"));
  }
  return ids;
}

std::vector<Household> HouseholdReader::Load(const std::vector<HouseholdId>& ids) {
  std::vector<Household> households;
  absl::flat_hash_map<HouseholdId, size_t> place;
  for (const db::Row row : tx_.Run(kLoadHouseholds, landlord_, ids)) {
    households.push_back(HouseholdFromRow(row));
    place.emplace(households.back().id, households.size() - 1);
  }
  const auto at = [&](const db::Row& row) -> Household& {
    return households[place.at(row.Get<HouseholdId>("household_id"))];
  };
  for (const db::Row row : tx_.Run(kLoadTenants, landlord_, ids)) {
    at(row).tenants.push_back(TenantFromRow(row));
  }
  for (const db::Row row : tx_.Run(kLoadPhones, landlord_, ids)) {
    at(row).phones.push_back(PhoneFromRow(row));
  }
  for (const db::Row row : tx_.Run(kLoadKeyContacts, landlord_, ids)) {
    at(row).key_contacts.push_back({row.Get<std::string>("name"), row.Get<std::string>("e164")});
  }
  for (Household& household : households) {
    household.phones = WithoutRepetition(std::move(household.phones));
  }
  return households;
}

std::optional<HouseholdStore::Locked> HouseholdStore::Lock(HouseholdId id) {
  const db::Rows rows = tx_.Run(kLockHousehold, landlord_, id);
  if (rows.empty()) return std::nullopt;
  return Locked{rows[0].Get<int64_t>("version"), rows[0].Get<bool>("objection"),
                rows[0].Get<bool>("objection_calls_only")};
}

int64_t HouseholdStore::Bump(HouseholdId id) {
  return tx_.Run(kBumpHousehold, landlord_, id)[0].Get<int64_t>("version");
}

std::optional<bool> HouseholdStore::MarkPhoneNotWorking(HouseholdId id,
                                                        const std::string& phone_hash, int fault,
                                                        AttemptId attempt) {
  const db::Row row = tx_.Run(kMarkPhone, landlord_, id, db::Bytes{phone_hash}, fault, attempt)[0];
  if (row.Get<int64_t>("phones") == 0) return std::nullopt;
  return row.Get<bool>("callable");
}

void HouseholdStore::Object(HouseholdId id, absl::Time time, bool calls_only) {
  tx_.Run(kHouseholdObjects, landlord_, id, time, calls_only);
}

std::optional<bool> HouseholdStore::ObjectTenant(HouseholdId id, TenantId tenant, absl::Time time) {
  const db::Rows rows = tx_.Run(kTenantObjects, landlord_, id, tenant, time);
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<bool>("fresh");
}

}  // namespace veille::tenant_registry
