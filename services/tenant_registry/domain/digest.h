#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "common/ids/uuid.h"

namespace veille::tenant_registry {

// The first 128 bits of SHA-256 over the fields and their lengths.
ids::Uuid Digest(absl::Span<const std::string_view> fields);

// HMAC-SHA256, 32 bytes.
std::string KeyedHash(std::string_view key, std::string_view text);

}  // namespace veille::tenant_registry
