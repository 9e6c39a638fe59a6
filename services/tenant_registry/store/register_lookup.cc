#include "tenant_registry/store/register_lookup.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace veille::tenant_registry {
namespace {

// One index look-up per key, by construction (LATERAL with LIMIT): a join is planned while the
// tables of a new landlord are empty, and then scans a whole landlord per key.
constexpr db::Query kFindRows{"register_rows.find", R"sql(
  SELECT r.row_key, r.contents, r.dwelling_id, r.household_id, r.tenant_id,
         r.seen_import = $3::uuid AS seen, r.changed_import = $3::uuid AS changed,
         coalesce((t.present OR t.deceased) AND (h.state = 1) <> h.state_corrected, true) AS active,
         coalesce(t.objection, false) AS objection
  FROM unnest($2::uuid[]) AS k (row_key)
  CROSS JOIN LATERAL (
    SELECT row_key, contents, dwelling_id, household_id, tenant_id, seen_import, changed_import
    FROM register_rows WHERE landlord_id = $1::uuid AND row_key = k.row_key LIMIT 1) AS r
  LEFT JOIN LATERAL (
    SELECT present, deceased, objection FROM tenants
    WHERE landlord_id = $1::uuid AND household_id = r.household_id AND tenant_id = r.tenant_id
    LIMIT 1) AS t ON true
  LEFT JOIN LATERAL (
    SELECT state, state_corrected FROM households
    WHERE landlord_id = $1::uuid AND household_id = r.household_id LIMIT 1) AS h ON true
)sql"};

constexpr db::Query kFindHomes{"dwellings.find_homes", R"sql(
  SELECT k.at, d.dwelling_id, h.household_id,
         coalesce(h.state = 1 AND NOT h.state_corrected, false) AS present
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS k (dwelling_number, client_reference, at)
  CROSS JOIN LATERAL (
    SELECT dwelling_id FROM dwellings
    WHERE landlord_id = $1::uuid AND dwelling_number = k.dwelling_number LIMIT 1) AS d
  LEFT JOIN LATERAL (
    SELECT household_id, state, state_corrected FROM households
    WHERE landlord_id = $1::uuid AND dwelling_id = d.dwelling_id
      AND client_reference = k.client_reference LIMIT 1) AS h ON true
)sql"};

constexpr db::Query kCountPresent{"households.count_present", R"sql(
  SELECT count(*) AS households FROM households
  WHERE landlord_id = $1::uuid AND state = 1 AND NOT state_corrected
)sql"};

KnownRow KnownFromRow(const db::Row& row) {
  KnownRow known;
  known.contents = row.Get<ids::Uuid>("contents");
  known.dwelling = row.Get<DwellingId>("dwelling_id");
  known.household = row.Find<HouseholdId>("household_id");
  known.tenant = row.Find<TenantId>("tenant_id");
  known.seen = row.Get<bool>("seen");
  known.changed = row.Get<bool>("changed");
  known.active = row.Get<bool>("active");
  known.objection = row.Get<bool>("objection");
  return known;
}

HomeKey HomeOf(const JudgedRow& row) {
  if (const RegisterRow* taken = row.taken()) {
    return {taken->dwelling.number, taken->client_reference};
  }
  return {row.refused()->dwelling_number, row.refused()->client_reference};
}

}  // namespace

KnownRegister LookUpChunk(db::ReadTx& tx, LandlordId landlord, ImportId import,
                          absl::Span<const JudgedRow> rows) {
  std::vector<ids::Uuid> keys;
  std::vector<std::string> numbers;
  std::vector<std::string> references;
  absl::flat_hash_set<HomeKey> asked;
  for (const JudgedRow& row : rows) {
    if (row.taken() != nullptr) keys.push_back(row.taken()->key);
    const auto [home, first] = asked.insert(HomeOf(row));
    if (!first || home->first.empty()) continue;
    numbers.push_back(home->first);
    references.push_back(home->second);
  }
  KnownRegister known;
  for (const db::Row row : tx.Run(kFindRows, landlord, keys, import)) {
    known.rows.emplace(row.Get<ids::Uuid>("row_key"), KnownFromRow(row));
  }
  for (const db::Row row : tx.Run(kFindHomes, landlord, numbers, references)) {
    const size_t at = static_cast<size_t>(row.Get<int64_t>("at")) - 1;
    known.homes[HomeKey(numbers[at], references[at])] =
        KnownHome{row.Get<DwellingId>("dwelling_id"), row.Find<HouseholdId>("household_id"),
                  row.Get<bool>("present")};
  }
  return known;
}

int64_t CountPresentHouseholds(db::ReadTx& tx, LandlordId landlord) {
  return tx.Run(kCountPresent, landlord)[0].Get<int64_t>("households");
}

}  // namespace veille::tenant_registry
