#include "call_tracking/store/script_store.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kLockScript{"scripts.lock", R"sql(
  SELECT version FROM scripts
  WHERE landlord_id = $1::uuid AND script_id = $2::uuid AND version = 1 FOR UPDATE
)sql"};

constexpr db::Query kInsertScript{"scripts.insert", R"sql(
  INSERT INTO scripts (landlord_id, script_id, version, request_id, title, body, publish_time)
  VALUES ($1::uuid, $2::uuid, $3, $4::uuid, $5, $6::bytea, $7::timestamptz)
)sql"};

constexpr db::Query kFindScript{"scripts.find", R"sql(
  SELECT script_id, version, title, body, publish_time FROM scripts
  WHERE landlord_id = $1::uuid AND script_id = $2::uuid AND ($3::integer IN (0, version))
  ORDER BY version DESC LIMIT 1
)sql"};

constexpr db::Query kFindScriptByRequest{"scripts.find_by_request", R"sql(
  SELECT script_id, version, title, body, publish_time FROM scripts
  WHERE landlord_id = $1::uuid AND request_id = $2::uuid
)sql"};

constexpr db::Query kListScripts{"scripts.list", R"sql(
  SELECT DISTINCT ON (script_id) script_id, version, title, publish_time
  FROM scripts WHERE landlord_id = $1::uuid AND script_id > $2::uuid
  ORDER BY script_id, version DESC LIMIT $3
)sql"};

std::optional<StoredScript> FirstOf(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  const db::Row row = rows[0];
  return StoredScript{.id = row.Get<ScriptId>("script_id"),
                      .version = row.Get<int>("version"),
                      .title = row.Get<std::string>("title"),
                      .body = row.Get<db::Bytes>("body").value,
                      .publish_time = row.Get<absl::Time>("publish_time")};
}

}  // namespace

bool ScriptStore::Lock(db::WriteTx& tx, ids::LandlordId landlord, ScriptId id) {
  return !tx.Run(kLockScript, landlord, id).empty();
}

void ScriptStore::Insert(db::WriteTx& tx, ids::LandlordId landlord, ids::RequestId request,
                         const StoredScript& script) {
  tx.Queue(kInsertScript, landlord, script.id, script.version, request, script.title,
           db::Bytes{script.body}, script.publish_time);
}

std::optional<StoredScript> ScriptStore::Find(ids::LandlordId landlord, ScriptId id, int version) {
  return FirstOf(tx_.Run(kFindScript, landlord, id, version));
}

std::vector<StoredScript> ScriptStore::List(ids::LandlordId landlord, ScriptId after, int limit) {
  std::vector<StoredScript> scripts;
  for (const db::Row row : tx_.Run(kListScripts, landlord, after, limit)) {
    scripts.push_back({.id = row.Get<ScriptId>("script_id"),
                       .version = row.Get<int>("version"),
                       .title = row.Get<std::string>("title"),
                       .body = "",
                       .publish_time = row.Get<absl::Time>("publish_time")});
  }
  return scripts;
}

std::optional<StoredScript> ScriptStore::FindByRequest(ids::LandlordId landlord,
                                                       ids::RequestId request) {
  return FirstOf(tx_.Run(kFindScriptByRequest, landlord, request));
}

}  // namespace veille::call_tracking
