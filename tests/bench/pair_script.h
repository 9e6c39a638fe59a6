#pragma once

// One lease and one recorded call as a pgbench script: call-tracking's own statements (the very
// query constants) at batch size 1, each of the two in a transaction of its own, as the service
// runs them. An integration test shows that a pair by this script leaves the rows that a pair by
// the service does.

#include <string>

#include "common/ids/uuid.h"

namespace veille::bench {

struct Pair {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  // False: all is well, the usual call. True: the tenant asks for meals and agrees to share that:
  // agreement, finding and outbox row come in addition.
  bool needs_meals = false;
};

// For pgbench -M prepared; the volunteers are bench-0, bench-1, … by client.
std::string PairScript(const Pair& pair);

// The serialised script (of calls) that the campaign is pinned to.
std::string CallScriptBody(const std::string& script_id);

}  // namespace veille::bench
