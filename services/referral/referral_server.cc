#include "referral/referral_server.h"

#include "migrations/common.h"
#include "migrations/referral.h"

namespace veille::referral {

std::vector<db::Migration> Schema() {
  std::vector<db::Migration> schema = migrations::common();
  const auto& own = migrations::referral();
  schema.insert(schema.end(), own.begin(), own.end());
  return schema;
}

std::vector<std::string> ServiceNames() {
  return {pb::PartnerDirectoryService::service_full_name(),
          pb::ReferralService::service_full_name(),
          partner_pb::PartnerDeskService::service_full_name()};
}

std::vector<rpc::RegisteredService> Services::All() {
  return {{&directory_, pb::PartnerDirectoryService::service_full_name()},
          {&referral_, pb::ReferralService::service_full_name()},
          {&desk_, partner_pb::PartnerDeskService::service_full_name()}};
}

}  // namespace veille::referral
