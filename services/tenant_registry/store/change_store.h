#pragma once

// How households can be reached, and what call-tracking is told of it.

#include <vector>

#include "common/db/transaction.h"
#include "common/outbox/outbox.h"
#include "tenant_registry/domain/household_change.h"

namespace veille::tenant_registry {

inline constexpr char kHouseholdChangeTopic[] = "household-change";

// One fact on its way; the payload is sealed.
struct ChangeMessage {
  outbox::MessageId id;
  HouseholdId household;
  db::Bytes payload;
};

// Of the households that exist, in any order.
std::vector<Reach> ReadReach(db::ReadTx& tx, LandlordId landlord,
                             const std::vector<HouseholdId>& households);

// Puts the messages into the outbox, due at once.
void AppendChanges(db::WriteTx& tx, LandlordId landlord,
                   const std::vector<ChangeMessage>& messages);

}  // namespace veille::tenant_registry
