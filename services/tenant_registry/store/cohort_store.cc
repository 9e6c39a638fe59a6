#include "tenant_registry/store/cohort_store.h"

#include "absl/container/flat_hash_map.h"
#include "tenant_registry/domain/calendar.h"
#include "tenant_registry/domain/household.h"
#include "tenant_registry/store/hashes.h"

namespace veille::tenant_registry {
namespace {

// One reason per household, the first that holds: 1 under age, 2 objection, 3 no valid phone. The
// laterals are one index scan per household: the limit is a constant so that the planner knows it.
constexpr db::Query kJudgePage{"households.judge_page", R"sql(
  WITH page AS MATERIALIZED (
    SELECT h.household_id, h.version, h.objection, d.commune_code, d.time_zone
    FROM households AS h
    JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
    WHERE h.landlord_id = $1::uuid AND h.household_id > $2::uuid AND h.state = 1
      AND (cardinality($4::text[]) = 0 OR d.commune_code = ANY ($4::text[]))
      AND (cardinality($5::text[]) = 0 OR d.residence = ANY ($5::text[]))
    ORDER BY h.household_id LIMIT 500)
  SELECT p.household_id, p.version, p.commune_code, p.time_zone,
         coalesce(a.subjects, '{}') AS subjects, coalesce(d.hashes, '{}') AS hashes,
         CASE WHEN a.aged = 0 THEN 1
              WHEN p.objection OR a.subjects IS NULL THEN 2
              WHEN d.hashes IS NULL THEN 3
              ELSE 0 END AS left_out
  FROM page AS p
  CROSS JOIN LATERAL (
    SELECT count(*) AS aged,
           array_agg(t.tenant_id ORDER BY t.position, t.tenant_id) FILTER (WHERE NOT t.objection)
             AS subjects
    FROM tenants AS t
    WHERE t.landlord_id = $1::uuid AND t.household_id = p.household_id AND t.present
      AND t.birth_date <= $3::date) AS a
  CROSS JOIN LATERAL (
    SELECT array_agg(encode(ph.phone_hash, 'hex') ORDER BY t.position, ph.tenant_id, ph.position)
             AS hashes
    FROM phones AS ph
    JOIN tenants AS t ON t.landlord_id = $1::uuid AND t.household_id = ph.household_id
      AND t.tenant_id = ph.tenant_id
    WHERE a.aged > 0 AND ph.landlord_id = $1::uuid AND ph.household_id = p.household_id
      AND ph.verdict IN (1, 2)) AS d
  ORDER BY p.household_id
)sql"};

constexpr db::Query kDescribeHouseholds{"households.describe", R"sql(
  SELECT h.household_id, h.client_reference, d.dwelling_number, d.residence, d.building,
         d.staircase, d.floor, d.door, d.street_address, d.postal_code, d.commune_name,
         d.commune_code, coalesce(n.names, '{}') AS names
  FROM unnest($2::uuid[], $3::boolean[]) AS k (household_id, everybody)
  JOIN households AS h ON h.landlord_id = $1::uuid AND h.household_id = k.household_id
  JOIN dwellings AS d ON d.landlord_id = h.landlord_id AND d.dwelling_id = h.dwelling_id
  CROSS JOIN LATERAL (
    SELECT array_agg(trim(t.given_name || ' ' || t.family_name) ORDER BY t.position) AS names
    FROM tenants AS t
    WHERE t.landlord_id = $1::uuid AND t.household_id = h.household_id AND t.present
      AND (k.everybody OR t.birth_date <= $4::date)) AS n
)sql"};

// Somebody without a believable birth date may be of any age.
constexpr db::Query kListRefused{"refused_rows.list", R"sql(
  SELECT r.row_number, r.line_number, r.reason, r.dwelling_number, r.client_reference, r.name,
         r.address, r.town, r.commune_code
  FROM imports AS i
  JOIN refused_rows AS r ON r.landlord_id = i.landlord_id AND r.import_id = i.import_id
  WHERE i.landlord_id = $1::uuid AND i.state = 2 AND r.row_number > $2::bigint
    AND (r.birth_date IS NULL OR r.birth_date <= $3::date)
    AND (cardinality($4::text[]) = 0 OR r.commune_code = ANY ($4::text[]) OR r.commune_code = '')
  ORDER BY r.row_number LIMIT 1001
)sql"};

JudgedHousehold FromRow(const db::Row& row) {
  JudgedHousehold household;
  household.id = row.Get<HouseholdId>("household_id");
  household.version = row.Get<int64_t>("version");
  const int left_out = row.Get<int>("left_out");
  if (left_out != 0) {
    household.left_out = static_cast<LeftOutReason>(left_out);
    return household;
  }
  household.commune_code = row.Get<std::string>("commune_code");
  household.time_zone = row.Get<std::string>("time_zone");
  household.subjects = row.Get<std::vector<TenantId>>("subjects");
  household.phone_hashes = ReadHashes(row, "hashes");
  return household;
}

LeftOutEntry EntryFromRow(const db::Row& row) {
  Dwelling dwelling;
  dwelling.number = row.Get<std::string>("dwelling_number");
  dwelling.residence = row.Get<std::string>("residence");
  dwelling.building = row.Get<std::string>("building");
  dwelling.staircase = row.Get<std::string>("staircase");
  dwelling.floor = row.Get<std::string>("floor");
  dwelling.door = row.Get<std::string>("door");
  dwelling.street_address = row.Get<std::string>("street_address");
  dwelling.postal_code = row.Get<std::string>("postal_code");
  dwelling.commune_name = row.Get<std::string>("commune_name");
  LeftOutEntry entry;
  entry.household = row.Get<HouseholdId>("household_id");
  entry.dwelling_number = dwelling.number;
  entry.client_reference = row.Get<std::string>("client_reference");
  entry.names = row.Get<std::vector<std::string>>("names");
  entry.address_lines = AddressLines(dwelling);
  entry.commune_code = row.Get<std::string>("commune_code");
  return entry;
}

LeftOutEntry RefusedFromRow(const db::Row& row) {
  LeftOutEntry entry;
  entry.reason = LeftOutReason::kRefusedRow;
  entry.row_number = row.Get<int64_t>("row_number");
  entry.line_number = row.Get<int64_t>("line_number");
  entry.refusal = row.Get<std::string>("reason");
  entry.dwelling_number = row.Get<std::string>("dwelling_number");
  entry.client_reference = row.Get<std::string>("client_reference");
  entry.commune_code = row.Get<std::string>("commune_code");
  if (std::string name = row.Get<std::string>("name"); !name.empty()) {
    entry.names.push_back(std::move(name));
  }
  for (const char* column : {"address", "town"}) {
    std::string line = row.Get<std::string>(column);
    if (!line.empty()) entry.address_lines.push_back(std::move(line));
  }
  return entry;
}

}  // namespace

std::vector<JudgedHousehold> CohortStore::JudgePage(const CohortRule& rule, HouseholdId after) {
  std::vector<JudgedHousehold> page;
  const db::Rows rows =
      tx_.Run(kJudgePage, landlord_, after, LatestBirthDate(rule.minimum_age, rule.reference_date),
              rule.commune_codes, rule.buildings);
  page.reserve(rows.size());
  for (const db::Row row : rows) page.push_back(FromRow(row));
  return page;
}

std::vector<LeftOutEntry> CohortStore::Describe(const CohortRule& rule,
                                                const std::vector<JudgedHousehold>& households) {
  std::vector<HouseholdId> ids;
  std::vector<bool> everybody;
  absl::flat_hash_map<HouseholdId, size_t> place;
  for (const JudgedHousehold& household : households) {
    place.emplace(household.id, ids.size());
    ids.push_back(household.id);
    everybody.push_back(household.left_out == LeftOutReason::kUnderAge);
  }
  std::vector<LeftOutEntry> entries(households.size());
  for (const db::Row row : tx_.Run(kDescribeHouseholds, landlord_, ids, everybody,
                                   LatestBirthDate(rule.minimum_age, rule.reference_date))) {
    LeftOutEntry entry = EntryFromRow(row);
    const size_t at = place.at(*entry.household);
    entry.reason = *households[at].left_out;
    entries[at] = std::move(entry);
  }
  return entries;
}

std::vector<LeftOutEntry> CohortStore::ListRefused(const CohortRule& rule, int64_t after,
                                                   size_t most) {
  const db::Rows rows =
      tx_.Run(kListRefused, landlord_, after,
              LatestBirthDate(rule.minimum_age, rule.reference_date), rule.commune_codes);
  std::vector<LeftOutEntry> entries;
  for (size_t i = 0; i < rows.size() && i < most; ++i) entries.push_back(RefusedFromRow(rows[i]));
  return entries;
}

}  // namespace veille::tenant_registry
