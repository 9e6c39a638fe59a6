#pragma once

// What the claims of a token whose signature holds must say (RFC 7519, 8725, 9068).

#include <nlohmann/json_fwd.hpp>

#include "absl/time/time.h"
#include "common/tokens/grant.h"
#include "common/tokens/issuers.h"
#include "common/tokens/refusal.h"

namespace veille::tokens {

// kNone and the grant, or why not.
Refusal ReadClaims(const nlohmann::json& claims, const Issuer& issuer, absl::Time now,
                   Grant& grant);

}  // namespace veille::tokens
