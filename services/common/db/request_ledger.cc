#include "common/db/request_ledger.h"

#include "common/status/errors.h"

namespace veille::db {
namespace {

constexpr Query kTakeRequest{"requests.take", R"sql(
  WITH taken AS (
    INSERT INTO requests (landlord_id, request_id, method, object_id)
    VALUES ($1::uuid, $2::uuid, $3, $4::uuid)
    ON CONFLICT (landlord_id, request_id) DO NOTHING
    RETURNING method, object_id)
  SELECT method, object_id, false AS repeated FROM taken
  UNION ALL
  SELECT method, object_id, true FROM requests
  WHERE landlord_id = $1::uuid AND request_id = $2::uuid AND NOT EXISTS (SELECT FROM taken)
)sql"};

}  // namespace

const db::Query& TakeRequestQuery() { return kTakeRequest; }

absl::StatusOr<TakenRequest> TakeRequest(WriteTx& tx, ids::LandlordId landlord,
                                         ids::RequestId request, std::string_view method,
                                         ids::Uuid object_id, bool same_object) {
  Rows rows = tx.Run(kTakeRequest, landlord, request, method, object_id);
  // Two requests with one id at once: the second waited for the first to commit, but its snapshot
  // is older. A statement of its own sees the row.
  if (rows.empty()) rows = tx.Run(kTakeRequest, landlord, request, method, object_id);
  if (rows.empty()) return errors::Internal();
  const TakenRequest taken{rows[0].Get<ids::Uuid>("object_id"), rows[0].Get<bool>("repeated")};
  if (taken.repeated && (rows[0].Get<std::string>("method") != method ||
                         (same_object && taken.object_id != object_id))) {
    return errors::RequestIdReused();
  }
  return taken;
}

}  // namespace veille::db
