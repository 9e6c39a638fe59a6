#pragma once

// The end of an import: what the whole file says about the whole register.

#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/household_change.h"

namespace veille::tenant_registry {

// The households that a complete import did not name, marked as left; their versions after it. A
// household that only a refused row names has not left. Persons whose rows it did not name are not
// present any more.
std::vector<Reach> MarkLeft(db::WriteTx& tx, LandlordId landlord, ImportId import);

// Lets the planner know how much there is now.
void RefreshStatistics(db::WriteTx& tx);

// Drops what imports before this one refused.
void DropOlderRefused(db::WriteTx& tx, LandlordId landlord, ImportId import);

}  // namespace veille::tenant_registry
