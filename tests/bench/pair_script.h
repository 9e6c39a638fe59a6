#pragma once

// Leases and recorded calls as a pgbench script: call-tracking's own statements (the very query
// constants), the lease in a transaction and the record in another, as the service runs them. An
// integration test shows that a pair by this script leaves the rows that a pair by the service
// does, and a batch of pairs those of as many pairs.

#include <string>

#include "common/ids/uuid.h"

namespace veille::bench {

struct Pair {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  // False: all is well, the usual call. True: the tenant asks for meals and agrees to share that:
  // agreement, finding and outbox row come in addition.
  bool needs_meals = false;
  // So many volunteers lease in one statement, and their calls are recorded in one transaction.
  int batch = 1;
};

// For pgbench -M prepared. The volunteer of client c is bench-c; with batches of n they are
// bench-(c n) to bench-(c n + n - 1).
std::string PairScript(const Pair& pair);

// The serialised script (of calls) that the campaign is pinned to.
std::string CallScriptBody(const std::string& script_id);

// The statements of the usual pair by name, and the values that it stores sealed, as one JSON
// object: for a server in another language.
std::string PairStatements();

}  // namespace veille::bench
