#pragma once

// How payloads of the outbox are sealed: under no campaign's key, because the register knows no
// campaigns.

#include "common/privacy/seal.h"

namespace veille::tenant_registry {

inline privacy::SealContext OutboxSeal(ids::LandlordId landlord, ids::Uuid message) {
  return {
      .table = "outbox", .column = "payload", .landlord = landlord, .campaign = {}, .row = message};
}

}  // namespace veille::tenant_registry
