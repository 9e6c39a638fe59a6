#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/db/transaction.h"
#include "tenant_registry/domain/import_plan.h"

namespace veille::tenant_registry {

// What is stored of the rows and homes of a chunk, as `import` sees it (nil: a dry run).
KnownRegister LookUpChunk(db::ReadTx& tx, LandlordId landlord, ImportId import,
                          absl::Span<const JudgedRow> rows);

// How many households live there: what a dry run of a complete file compares with.
int64_t CountPresentHouseholds(db::ReadTx& tx, LandlordId landlord);

}  // namespace veille::tenant_registry
