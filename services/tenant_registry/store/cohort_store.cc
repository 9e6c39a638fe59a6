#include "tenant_registry/store/cohort_store.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "tenant_registry/domain/calendar.h"
#include "tenant_registry/domain/household.h"

namespace veille::tenant_registry {
namespace {

// Each look-up is one index scan per household, by construction (LATERAL with a limit): a join may
// be planned, while the tables are small, to read a whole landlord for each page.
constexpr db::Query kListCandidates{"households.list_candidates", R"sql(
  SELECT h.household_id, h.version, h.objection, d.commune_code, d.time_zone
  FROM households AS h
  CROSS JOIN LATERAL (
    SELECT residence, commune_code, time_zone FROM dwellings
    WHERE landlord_id = $1::uuid AND dwelling_id = h.dwelling_id LIMIT 1) AS d
  WHERE h.landlord_id = $1::uuid AND h.household_id > $2::uuid AND h.state = 1
    AND (cardinality($3::text[]) = 0 OR d.commune_code = ANY ($3::text[]))
    AND (cardinality($4::text[]) = 0 OR d.residence = ANY ($4::text[]))
  ORDER BY h.household_id LIMIT 500
)sql"};

constexpr db::Query kListPersons{"tenants.list_of_candidates", R"sql(
  SELECT k.at, t.tenant_id, t.position,
         coalesce(t.present AND t.birth_date <= $3::date, false) AS of_age, t.objection
  FROM unnest($2::uuid[]) WITH ORDINALITY AS k (household_id, at)
  CROSS JOIN LATERAL (
    SELECT tenant_id, position, present, birth_date, objection FROM tenants
    WHERE landlord_id = $1::uuid AND household_id = k.household_id LIMIT 1000000) AS t
)sql"};

constexpr db::Query kListNumbers{"phones.list_of_candidates", R"sql(
  SELECT k.at, p.tenant_id, p.position, encode(p.phone_hash, 'hex') AS hash
  FROM unnest($2::uuid[]) WITH ORDINALITY AS k (household_id, at)
  CROSS JOIN LATERAL (
    SELECT tenant_id, position, phone_hash FROM phones
    WHERE landlord_id = $1::uuid AND household_id = k.household_id AND verdict IN (1, 2)
    LIMIT 1000000) AS p
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

// By their numbers: by name, each look would search the row's columns.
Candidate CandidateFromRow(const db::Row& row) {
  Candidate candidate;
  candidate.id = row.Get<HouseholdId>(0);
  candidate.version = row.Get<int64_t>(1);
  candidate.objects = row.Get<bool>(2);
  candidate.commune_code = row.Get<std::string>(3);
  candidate.time_zone = row.Get<std::string>(4);
  return candidate;
}

// The place of the row's household in the list that was asked for.
size_t PlaceOf(const db::Row& row) { return static_cast<size_t>(row.Get<int64_t>(0)) - 1; }

Candidate::Person PersonFromRow(const db::Row& row) {
  return {row.Get<TenantId>(1), row.Get<int64_t>(2), row.Get<bool>(3), row.Get<bool>(4)};
}

Candidate::Number NumberFromRow(const db::Row& row) {
  return {row.Get<TenantId>(1), row.Get<int64_t>(2),
          absl::HexStringToBytes(row.Get<std::string>(3))};
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
  std::vector<Candidate> candidates;
  std::vector<HouseholdId> ids;
  for (const db::Row row :
       tx_.Run(kListCandidates, landlord_, after, rule.commune_codes, rule.buildings)) {
    candidates.push_back(CandidateFromRow(row));
    ids.push_back(candidates.back().id);
  }
  const absl::CivilDay latest_birth = LatestBirthDate(rule.minimum_age, rule.reference_date);
  for (const db::Row row : tx_.Run(kListPersons, landlord_, ids, latest_birth)) {
    candidates[PlaceOf(row)].persons.push_back(PersonFromRow(row));
  }
  AddNumbers(candidates);
  std::vector<JudgedHousehold> page;
  page.reserve(candidates.size());
  for (Candidate& candidate : candidates) page.push_back(Judge(std::move(candidate)));
  return page;
}

// Of those whose numbers decide.
void CohortStore::AddNumbers(std::vector<Candidate>& candidates) {
  std::vector<Candidate*> asked;
  std::vector<HouseholdId> ids;
  for (Candidate& candidate : candidates) {
    if (!candidate.HasSubject()) continue;
    asked.push_back(&candidate);
    ids.push_back(candidate.id);
  }
  if (ids.empty()) return;
  for (const db::Row row : tx_.Run(kListNumbers, landlord_, ids)) {
    asked[PlaceOf(row)]->numbers.push_back(NumberFromRow(row));
  }
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
