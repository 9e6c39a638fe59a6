#pragma once

// Lists of audit events: who saw a household, what somebody did, what stands out.

#include <optional>
#include <string>
#include <vector>

#include "common/audit/chain.h"
#include "common/db/transaction.h"

namespace veille::audit {

struct EventFilter {
  std::optional<ids::Uuid> object;  // or the household whose record it is
  std::string actor;                // empty: everybody
  std::string method;               // empty: all
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
  bool only_with_reason = false;
  bool only_denied = false;
};

// Where a list, newest first, goes on.
struct EventPlace {
  absl::Time time = absl::InfiniteFuture();
  ids::Uuid id;
};

// The sequence is 0 for events that wait to be chained.
std::vector<ChainedEvent> ListEvents(db::ReadTx& tx, ids::LandlordId landlord,
                                     const EventFilter& filter, const EventPlace& after, int most);

}  // namespace veille::audit
