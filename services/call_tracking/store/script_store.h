#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/campaign.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// A version of a script as it is stored: the body is opaque here (convert/script.h reads it).
struct StoredScript {
  ScriptId id;
  int version = 0;
  std::string title;
  std::string body;
  absl::Time publish_time;
};

// Published scripts; a version never changes. Lives for one transaction.
class ScriptStore {
 public:
  explicit ScriptStore(db::ReadTx& tx) : tx_(tx) {}

  // Keeps others from publishing a version of this script until the transaction ends; false when
  // there is none.
  static bool Lock(db::WriteTx& tx, ids::LandlordId landlord, ScriptId id);
  static void Insert(db::WriteTx& tx, ids::LandlordId landlord, ids::RequestId request,
                     const StoredScript& script);

  // Version 0 means the newest.
  std::optional<StoredScript> Find(ids::LandlordId landlord, ScriptId id, int version);
  // Up to `limit` by id, which is the order of their first publication, after `after` (nil: from
  // the first); each in its newest version, without body.
  std::vector<StoredScript> List(ids::LandlordId landlord, ScriptId after, int limit);
  // The version that a request has published.
  std::optional<StoredScript> FindByRequest(ids::LandlordId landlord, ids::RequestId request);

 private:
  db::ReadTx& tx_;
};

}  // namespace veille::call_tracking
