#include "referral/referral_server.h"

#include "migrations/common.h"
#include "migrations/referral.h"
#include "referral/relay/referral_updates.h"
#include "referral/store/update_outbox.h"

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

ReferralServer::ReferralServer(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
                               const ReferralOptions& options)
    : calls_(options.calls),
      web_(options.web),
      grpc_channel_(options.endpoints, options.partners, web_),
      webhook_channel_(server.database, seal, server.clock, web_),
      changes_(server.database),
      relay_(server.database, {{kUpdateTopic, UpdateSender(seal, calls_)}}),
      engine_(
          server.database, seal, server.clock,
          {{PartnerChannel::kGrpc, &grpc_channel_}, {PartnerChannel::kWebhook, &webhook_channel_}},
          {.on_received =
               [this] {
                 relay_.Wake();
                 changes_.Wake();
               }}),
      clock_(server.database, seal,
             {.on_steps =
                  [this] {
                    engine_.Wake();
                    relay_.Wake();
                    changes_.Wake();
                  }}),
      environment_{.server = server,
                   .seal = seal,
                   .endpoints = options.endpoints,
                   .web = web_,
                   .changes = changes_,
                   .timers = timers_,
                   .drain = drain_.get_token(),
                   .wake_engine = [this] { engine_.Wake(); },
                   .wake_relay = [this] { relay_.Wake(); }},
      services_(environment_) {}

void ReferralServer::Close() {
  timers_.Close();
  changes_.Stop();
  clock_.Stop();
  engine_.Stop();
  relay_.Stop();
  web_.Close();
}

}  // namespace veille::referral
