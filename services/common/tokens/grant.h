#pragma once

// What a good token proves.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/access/caller.h"
#include "common/ids/uuid.h"

namespace veille::tokens {

struct Grant {
  std::string issuer;
  std::string subject;  // the person, 1 to 200 bytes without control characters; unique per issuer
  std::vector<access::Role> roles;  // one or more, each once; never ROLE_SERVICE
  ids::LandlordId landlord;         // nil when the token names none
  ids::PartnerId partner;           // the same
  absl::Time expires;               // without the allowance for clocks
};

}  // namespace veille::tokens
