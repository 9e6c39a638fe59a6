#include "call_tracking/call_tracking_server.h"

#include "call_tracking/relay/senders.h"
#include "migrations/call_tracking.h"
#include "migrations/common.h"

namespace veille::call_tracking {

std::vector<db::Migration> Schema() {
  std::vector<db::Migration> schema = migrations::common();
  const std::vector<db::Migration>& own = migrations::call_tracking();
  schema.insert(schema.end(), own.begin(), own.end());
  return schema;
}

std::vector<std::string> ServiceNames() {
  return {pb::CampaignService::service_full_name(), pb::ScriptService::service_full_name(),
          pb::VolunteerService::service_full_name(), pb::CallService::service_full_name(),
          pb::IntakeService::service_full_name()};
}

CallTracking::CallTracking(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
                           const CallTrackingOptions& options)
    : registry_(options.registry),
      referral_(options.referral),
      contact_sheets_(registry_, options.contact_sheets),
      pinned_(server.database),
      call_batches_(server.database, seal, &contact_sheets_, options.calls),
      relay_(server.database, Topics({server.database, seal, registry_, referral_}), options.relay),
      promoter_(server.database, server.clock, options.promoter),
      figures_(server.clock, call_batches_, contact_sheets_),
      environment_{.server = server,
                   .seal = seal,
                   .registry = registry_,
                   .contact_sheets = contact_sheets_,
                   .campaigns = pinned_,
                   .calls = call_batches_,
                   .timers = timers_,
                   .drain = drain_.get_token(),
                   .wake_relay = [this] { relay_.Wake(); }},
      campaigns_(environment_),
      scripts_(environment_),
      volunteers_(environment_),
      calls_(environment_),
      intake_(environment_) {}

std::vector<rpc::RegisteredService> CallTracking::Services() {
  return {{&campaigns_, pb::CampaignService::service_full_name()},
          {&scripts_, pb::ScriptService::service_full_name()},
          {&volunteers_, pb::VolunteerService::service_full_name()},
          {&calls_, pb::CallService::service_full_name()},
          {&intake_, pb::IntakeService::service_full_name()}};
}

void CallTracking::Close() {
  timers_.Close();
  promoter_.Stop();
  relay_.Stop();
  call_batches_.Close();
  contact_sheets_.Close();
}

}  // namespace veille::call_tracking
