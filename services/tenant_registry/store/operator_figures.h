#pragma once

// What the operator watches, over all landlords together: counts only.

#include <cstdint>

#include "common/db/transaction.h"

namespace veille::tenant_registry {

// Imports that have begun and are neither done nor overtaken: each landlord has one at most.
int64_t CountRunningImports(db::ReadTx& tx);

}  // namespace veille::tenant_registry
