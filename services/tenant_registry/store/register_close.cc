#include "tenant_registry/store/register_close.h"

namespace veille::tenant_registry {
namespace {

// The next statements compare a whole register with a whole file: a plan made while the tables were
// small would look at all rows again for each household.
constexpr db::Query kJoinWhole{"planner.join_whole",
                               "SELECT set_config('enable_nestloop', 'off', true)"};

constexpr db::Query kMarkLeft{"households.mark_left", R"sql(
  UPDATE households AS h
  SET state = 2, version = h.version + 1, changed_time = veille_now()
  WHERE h.landlord_id = $1::uuid AND h.state = 1 AND NOT h.state_corrected
    AND NOT EXISTS (
      SELECT FROM register_rows AS r
      WHERE r.landlord_id = $1::uuid AND r.household_id = h.household_id
        AND r.seen_import = $2::uuid)
    AND NOT EXISTS (
      SELECT FROM refused_rows AS f
      JOIN dwellings AS d ON d.landlord_id = $1::uuid AND d.dwelling_number = f.dwelling_number
      WHERE f.landlord_id = $1::uuid AND f.import_id = $2::uuid
        AND d.dwelling_id = h.dwelling_id AND f.client_reference = h.client_reference)
  RETURNING h.household_id, h.version
)sql"};

// A coordinator said so before the register did: from now on it is the register that says so.
constexpr db::Query kAgreeLeft{"households.agree_left", R"sql(
  UPDATE households AS h SET state_corrected = false
  WHERE h.landlord_id = $1::uuid AND h.state = 2 AND h.state_corrected
    AND NOT EXISTS (
      SELECT FROM register_rows AS r
      WHERE r.landlord_id = $1::uuid AND r.household_id = h.household_id
        AND r.seen_import = $2::uuid)
)sql"};

// A refused row may be about any person of its household: nobody of it is gone. Nor is anybody of a
// household that is still there, as a coordinator says.
constexpr db::Query kMarkAbsent{"tenants.mark_absent", R"sql(
  UPDATE tenants AS t SET present = false
  WHERE t.landlord_id = $1::uuid AND t.present
    AND NOT EXISTS (
      SELECT FROM register_rows AS r
      WHERE r.landlord_id = $1::uuid AND r.tenant_id = t.tenant_id AND r.seen_import = $2::uuid)
    AND NOT EXISTS (
      SELECT FROM households AS c
      WHERE c.landlord_id = $1::uuid AND c.household_id = t.household_id AND c.state = 1
        AND c.state_corrected)
    AND NOT EXISTS (
      SELECT FROM refused_rows AS f
      JOIN dwellings AS d ON d.landlord_id = $1::uuid AND d.dwelling_number = f.dwelling_number
      JOIN households AS h ON h.landlord_id = $1::uuid AND h.dwelling_id = d.dwelling_id
        AND h.client_reference = f.client_reference
      WHERE f.landlord_id = $1::uuid AND f.import_id = $2::uuid
        AND h.household_id = t.household_id)
)sql"};

constexpr db::Query kRefreshStatistics{"register.refresh_statistics",
                                       "SELECT refresh_register_statistics()"};

constexpr db::Query kDropOlderRefused{"refused_rows.drop_older", R"sql(
  DELETE FROM refused_rows WHERE landlord_id = $1::uuid AND import_id <> $2::uuid
)sql"};

}  // namespace

std::vector<Reach> MarkLeft(db::WriteTx& tx, LandlordId landlord, ImportId import) {
  tx.Queue(kJoinWhole);
  std::vector<Reach> left;
  for (const db::Row row : tx.Run(kMarkLeft, landlord, import)) {
    left.push_back({row.Get<HouseholdId>("household_id"), row.Get<int64_t>("version"), {}});
  }
  tx.Queue(kAgreeLeft, landlord, import);
  tx.Queue(kMarkAbsent, landlord, import);
  return left;
}

void RefreshStatistics(db::WriteTx& tx) { tx.Queue(kRefreshStatistics); }

void DropOlderRefused(db::WriteTx& tx, LandlordId landlord, ImportId import) {
  tx.Queue(kDropOlderRefused, landlord, import);
}

}  // namespace veille::tenant_registry
