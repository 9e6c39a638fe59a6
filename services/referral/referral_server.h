#pragma once

// What this binary serves, and the schema it serves it from.

#include <string>
#include <vector>

#include "common/db/migration.h"
#include "common/rpc/server.h"
#include "referral/partner_desk_service.h"
#include "referral/partner_directory_service.h"
#include "referral/referral_service.h"

namespace veille::referral {

// The migrations, in the order in which they run.
std::vector<db::Migration> Schema();

// The full names of the services.
std::vector<std::string> ServiceNames();

// The services of one environment; both outlive the server.
class Services {
 public:
  explicit Services(Environment& environment)
      : directory_(environment), referral_(environment), desk_(environment) {}

  std::vector<rpc::RegisteredService> All();

 private:
  PartnerDirectoryService directory_;
  ReferralService referral_;
  PartnerDeskService desk_;
};

}  // namespace veille::referral
