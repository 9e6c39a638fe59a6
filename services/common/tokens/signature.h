#pragma once

#include <string_view>

#include "common/tokens/jwk.h"
#include "common/tokens/refusal.h"

namespace veille::tokens {

// Whether the key made the signature of the text, by the key's own algorithm. kHighSignature when
// it did, with the greater of the two possible s, which is taken only if `takes_high_s`: that other
// one can be made by anybody who sees a signature.
Refusal CheckSignature(const VerificationKey& key, std::string_view text,
                       std::string_view signature, bool takes_high_s);

}  // namespace veille::tokens
