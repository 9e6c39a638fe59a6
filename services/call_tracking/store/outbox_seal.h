#pragma once

// How payloads of the outbox are sealed: under no campaign's key, because the relay opens a message
// without knowing what it is about.

#include "common/privacy/seal.h"

namespace veille::call_tracking {

inline privacy::SealContext OutboxSeal(ids::LandlordId landlord, ids::Uuid message) {
  return {
      .table = "outbox", .column = "payload", .landlord = landlord, .campaign = {}, .row = message};
}

}  // namespace veille::call_tracking
