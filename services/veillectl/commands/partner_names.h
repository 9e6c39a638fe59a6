#pragma once

// The names of partners, for tables that would show ids otherwise.

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "veillectl/client/connection.h"

namespace veille::veillectl {

class PartnerNames {
 public:
  // Of all partners of the landlord. `referral` is a connection as the coordinator.
  static absl::StatusOr<PartnerNames> Read(const Connection& referral);

  // "CCAS de Toulouse"; the id itself of one that is not known, "nobody" for none.
  std::string Of(const std::string& partner_id) const;

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace veille::veillectl
