#pragma once

#include <vector>

#include "common/audit/chain.h"
#include "common/db/sql_values.h"

namespace veille::audit {

// Rows with all columns of an event; a salt may be NULL.
std::vector<ChainedEvent> EventsFrom(const db::Rows& rows);

}  // namespace veille::audit
