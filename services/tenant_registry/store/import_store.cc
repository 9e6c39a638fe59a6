#include "tenant_registry/store/import_store.h"

#include <string>

namespace veille::tenant_registry {
namespace {

constexpr db::Query kLockImport{"imports.lock", R"sql(
  SELECT state, file_hash, complete, date_format, reference_date, judged_on, chunks, rows, fence,
         hold_until > veille_now() AS held
  FROM imports WHERE landlord_id = $1::uuid AND import_id = $2::uuid FOR UPDATE
)sql"};

constexpr db::Query kLockRunningImport{"imports.lock_running", R"sql(
  SELECT import_id, hold_until > veille_now() AS held
  FROM imports WHERE landlord_id = $1::uuid AND state = 1 FOR UPDATE
)sql"};

constexpr db::Query kOvertakeImport{"imports.overtake", R"sql(
  UPDATE imports SET state = 3, fence = fence + 1
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid AND state = 1
)sql"};

constexpr db::Query kInsertImport{"imports.insert", R"sql(
  INSERT INTO imports (landlord_id, import_id, file_hash, complete, date_format, reference_date,
                       judged_on, expected_rows, state, hold_until)
  VALUES ($1::uuid, $2::uuid, $3::bytea, $4::boolean, $5::smallint, $6::date, $7::date, $8::bigint,
          1, veille_now() + interval '60 seconds')
)sql"};

constexpr db::Query kTakeOverImport{"imports.take_over", R"sql(
  UPDATE imports SET fence = fence + 1, hold_until = veille_now() + interval '60 seconds'
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid
  RETURNING fence
)sql"};

constexpr db::Query kLetGoOfImport{"imports.let_go", R"sql(
  UPDATE imports SET hold_until = veille_now()
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid AND fence = $3::bigint AND state = 1
)sql"};

constexpr db::Query kTakeChunk{"imports.take_chunk", R"sql(
  UPDATE imports
  SET chunks = chunks + 1, rows = rows + $5::bigint,
      hold_until = veille_now() + interval '60 seconds'
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid AND state = 1 AND fence = $3::bigint
    AND chunks + 1 = $4::bigint
  RETURNING rows - $5::bigint AS rows_before
)sql"};

constexpr db::Query kAddCounts{"import_counts.add", R"sql(
  INSERT INTO import_counts (landlord_id, import_id, verdict, reason, rows)
  SELECT $1::uuid, $2::uuid, c.verdict, c.reason, c.rows
  FROM unnest($3::integer[], $4::text[], $5::bigint[]) AS c (verdict, reason, rows)
  ON CONFLICT (landlord_id, import_id, verdict, reason)
  DO UPDATE SET rows = import_counts.rows + excluded.rows
)sql"};

constexpr db::Query kReadCounts{"import_counts.read", R"sql(
  SELECT verdict, reason, rows FROM import_counts
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid
)sql"};

constexpr db::Query kCountSeen{"register_rows.count_seen", R"sql(
  SELECT count(DISTINCT dwelling_id) AS dwellings, count(DISTINCT household_id) AS households,
         count(tenant_id) AS tenants
  FROM register_rows WHERE landlord_id = $1::uuid AND seen_import = $2::uuid
)sql"};

constexpr db::Query kFinishImport{"imports.finish", R"sql(
  UPDATE imports
  SET state = 2, dwellings = $3::bigint, households = $4::bigint, tenants = $5::bigint,
      households_left = $6::bigint, finished_time = veille_now()
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid
)sql"};

constexpr db::Query kReadTotals{"imports.read_totals", R"sql(
  SELECT dwellings, households, tenants, households_left FROM imports
  WHERE landlord_id = $1::uuid AND import_id = $2::uuid
)sql"};

StoredImport ImportFromRow(const db::Row& row) {
  StoredImport stored;
  stored.state = static_cast<ImportState>(row.Get<int>("state"));
  stored.file_hash = row.Get<db::Bytes>("file_hash").value;
  stored.complete = row.Get<bool>("complete");
  stored.date_order = static_cast<DateOrder>(row.Get<int>("date_format"));
  stored.reference_date = row.Find<absl::CivilDay>("reference_date");
  stored.judged_on = row.Get<absl::CivilDay>("judged_on");
  stored.chunks = row.Get<int64_t>("chunks");
  stored.rows = row.Get<int64_t>("rows");
  stored.fence = row.Get<int64_t>("fence");
  stored.held = row.Get<bool>("held");
  return stored;
}

}  // namespace

std::optional<StoredImport> ImportStore::Lock(ImportId id) {
  const db::Rows rows = tx_.Run(kLockImport, landlord_, id);
  if (rows.empty()) return std::nullopt;
  return ImportFromRow(rows[0]);
}

std::optional<ImportId> ImportStore::LockRunning(bool& held) {
  const db::Rows rows = tx_.Run(kLockRunningImport, landlord_);
  if (rows.empty()) return std::nullopt;
  held = rows[0].Get<bool>("held");
  return rows[0].Get<ImportId>("import_id");
}

void ImportStore::Overtake(ImportId id) { tx_.Run(kOvertakeImport, landlord_, id); }

void ImportStore::Insert(ImportId id, const ImportHeader& header, absl::CivilDay judged_on) {
  tx_.Run(kInsertImport, landlord_, id, db::Bytes{header.file_hash}, header.complete,
          static_cast<int>(header.date_order), header.reference_date, judged_on,
          header.expected_rows);
}

int64_t ImportStore::TakeOver(ImportId id) {
  return tx_.Run(kTakeOverImport, landlord_, id)[0].Get<int64_t>("fence");
}

void ImportStore::LetGo(ImportId id, int64_t fence) {
  tx_.Run(kLetGoOfImport, landlord_, id, fence);
}

std::optional<int64_t> ImportStore::TakeChunk(ImportId id, int64_t fence, int64_t chunk,
                                              int64_t rows) {
  const db::Rows taken = tx_.Run(kTakeChunk, landlord_, id, fence, chunk, rows);
  if (taken.empty()) return std::nullopt;
  return taken[0].Get<int64_t>("rows_before");
}

void ImportStore::AddCounts(ImportId id, const VerdictCounts& counts) {
  std::vector<int32_t> verdicts;
  std::vector<std::string> reasons;
  std::vector<int64_t> rows;
  for (const auto& [key, count] : counts) {
    verdicts.push_back(static_cast<int32_t>(key.first));
    reasons.push_back(key.second);
    rows.push_back(count);
  }
  tx_.Run(kAddCounts, landlord_, id, verdicts, reasons, rows);
}

VerdictCounts ImportStore::ReadCounts(ImportId id) {
  VerdictCounts counts;
  for (const db::Row row : tx_.Run(kReadCounts, landlord_, id)) {
    counts[{static_cast<Verdict>(row.Get<int>("verdict")), row.Get<std::string>("reason")}] =
        row.Get<int64_t>("rows");
  }
  return counts;
}

ImportTotals ImportStore::CountSeen(ImportId id) {
  const db::Row row = tx_.Run(kCountSeen, landlord_, id)[0];
  ImportTotals totals;
  totals.counts = ReadCounts(id);
  totals.dwellings = row.Get<int64_t>("dwellings");
  totals.households = row.Get<int64_t>("households");
  totals.tenants = row.Get<int64_t>("tenants");
  return totals;
}

void ImportStore::Finish(ImportId id, const ImportTotals& totals) {
  tx_.Run(kFinishImport, landlord_, id, totals.dwellings, totals.households, totals.tenants,
          totals.households_left);
}

ImportTotals ImportStore::ReadTotals(ImportId id) {
  const db::Row row = tx_.Run(kReadTotals, landlord_, id)[0];
  ImportTotals totals;
  totals.counts = ReadCounts(id);
  totals.dwellings = row.Get<int64_t>("dwellings");
  totals.households = row.Get<int64_t>("households");
  totals.tenants = row.Get<int64_t>("tenants");
  totals.households_left = row.Get<int64_t>("households_left");
  return totals;
}

}  // namespace veille::tenant_registry
