#pragma once

#include <array>

#include "common/ids/uuid.h"

namespace veille::referral {

// Where a list "newest first" goes on: before the last entry of the page before, or (nil) before
// all identifiers.
inline ids::Uuid NewestFirstFrom(const ids::Uuid& after) {
  if (!after.is_nil()) return after;
  std::array<uint8_t, 16> bytes;
  bytes.fill(0xff);
  return ids::Uuid::FromBytes(bytes);
}

}  // namespace veille::referral
