#include "tenant_registry/store/change_store.h"

#include <string>

#include "tenant_registry/store/hashes.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kReadReach{"households.read_reach", R"sql(
  SELECT h.household_id, h.version, p.hashes
  FROM unnest($2::uuid[]) AS k (household_id)
  JOIN households AS h ON h.landlord_id = $1::uuid AND h.household_id = k.household_id
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(encode(ph.phone_hash, 'hex')
                              ORDER BY t.position NULLS FIRST, ph.tenant_id, ph.position),
                    '{}') AS hashes
    FROM phones AS ph
    LEFT JOIN tenants AS t ON t.landlord_id = $1::uuid AND t.household_id = ph.household_id
      AND t.tenant_id = ph.tenant_id
    WHERE ph.landlord_id = $1::uuid AND ph.household_id = h.household_id
      AND ph.verdict IN (1, 2)) AS p
)sql"};

constexpr db::Query kAppendChanges{"outbox.append_changes", R"sql(
  INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time)
  SELECT $1::uuid, n.message_id, $2, n.household_id, n.payload, veille_now()
  FROM unnest($3::uuid[], $4::uuid[], $5::bytea[]) AS n (message_id, household_id, payload)
)sql"};

}  // namespace

std::vector<Reach> ReadReach(db::ReadTx& tx, LandlordId landlord,
                             const std::vector<HouseholdId>& households) {
  std::vector<Reach> reach;
  for (const db::Row row : tx.Run(kReadReach, landlord, households)) {
    Reach one{row.Get<HouseholdId>("household_id"), row.Get<int64_t>("version"), {}};
    one.phone_hashes = ReadHashes(row, "hashes");
    reach.push_back(std::move(one));
  }
  return reach;
}

void AppendChanges(db::WriteTx& tx, LandlordId landlord,
                   const std::vector<ChangeMessage>& messages) {
  std::vector<outbox::MessageId> ids;
  std::vector<HouseholdId> households;
  std::vector<db::Bytes> payloads;
  for (const ChangeMessage& message : messages) {
    ids.push_back(message.id);
    households.push_back(message.household);
    payloads.push_back(message.payload);
  }
  tx.Queue(kAppendChanges, landlord, kHouseholdChangeTopic, ids, households, payloads);
}

}  // namespace veille::tenant_registry
