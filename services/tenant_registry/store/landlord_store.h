#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "tenant_registry/domain/household.h"

namespace veille::tenant_registry {

class LandlordStore {
 public:
  explicit LandlordStore(db::WriteTx& tx) : tx_(tx) {}

  // False when another landlord has the name.
  bool Insert(LandlordId id, const std::string& name, const std::string& phone_key);

  std::optional<Landlord> Find(LandlordId id);

  // The key of its phone hashes; nothing when there is no such landlord. Imports of one landlord
  // begin one after the other: the row stays locked until the transaction ends.
  std::optional<std::string> LockPhoneKey(LandlordId id);
  // The same without the lock.
  std::optional<std::string> FindPhoneKey(LandlordId id);

 private:
  db::WriteTx& tx_;
};

}  // namespace veille::tenant_registry
