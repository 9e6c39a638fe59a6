#pragma once

#include <string_view>

#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::outbox {

// True when this fact is taken in for the first time. Called in the transaction that acts on it, so
// that a fact delivered twice acts once.
bool TakeIn(db::WriteTx& tx, ids::LandlordId landlord, std::string_view topic, ids::Uuid key);

}  // namespace veille::outbox
