#include "tenant_registry/store/landlord_store.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kInsertLandlord{"landlords.insert", R"sql(
  INSERT INTO landlords (landlord_id, name, phone_key)
  VALUES ($1::uuid, $2, $3::bytea)
  ON CONFLICT (name) DO NOTHING
)sql"};

constexpr db::Query kFindLandlord{"landlords.find", R"sql(
  SELECT name, created_time FROM landlords WHERE landlord_id = $1::uuid
)sql"};

constexpr db::Query kLockPhoneKey{"landlords.lock_phone_key", R"sql(
  SELECT phone_key FROM landlords WHERE landlord_id = $1::uuid FOR NO KEY UPDATE
)sql"};

constexpr db::Query kFindPhoneKey{"landlords.find_phone_key", R"sql(
  SELECT phone_key FROM landlords WHERE landlord_id = $1::uuid
)sql"};

std::optional<std::string> PhoneKey(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return rows[0].Get<db::Bytes>("phone_key").value;
}

}  // namespace

bool LandlordStore::Insert(LandlordId id, const std::string& name, const std::string& phone_key) {
  return tx_.Run(kInsertLandlord, id, name, db::Bytes{phone_key}).affected() == 1;
}

std::optional<Landlord> LandlordStore::Find(LandlordId id) {
  const db::Rows rows = tx_.Run(kFindLandlord, id);
  if (rows.empty()) return std::nullopt;
  return Landlord{id, rows[0].Get<std::string>("name"), rows[0].Get<absl::Time>("created_time")};
}

std::optional<std::string> LandlordStore::LockPhoneKey(LandlordId id) {
  return PhoneKey(tx_.Run(kLockPhoneKey, id));
}

std::optional<std::string> LandlordStore::FindPhoneKey(LandlordId id) {
  return PhoneKey(tx_.Run(kFindPhoneKey, id));
}

}  // namespace veille::tenant_registry
