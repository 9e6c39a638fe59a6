#pragma once

// Puts what changed about households on its way to call-tracking, in the transaction of the change.

#include <vector>

#include "common/db/transaction.h"
#include "tenant_registry/domain/household_change.h"
#include "tenant_registry/request_context.h"

namespace veille::tenant_registry::handlers {

void Announce(const RequestContext& context, db::WriteTx& tx,
              const std::vector<HouseholdChange>& changes);

}  // namespace veille::tenant_registry::handlers
