#pragma once

// What this binary serves, and the schema it serves it from.

#include <string>
#include <vector>

#include "common/db/migration.h"
#include "common/outbox/relay.h"
#include "common/program/program.h"
#include "referral/assignment/acknowledgement_clock.h"
#include "referral/changes/change_feed.h"
#include "referral/clients/calls_client.h"
#include "referral/delivery/channel_grpc.h"
#include "referral/delivery/channel_webhook.h"
#include "referral/delivery/engine.h"
#include "referral/figures.h"
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

struct ReferralOptions {
  rpc::Endpoint calls;
  EndpointPolicy endpoints;       // which partners can be pushed to
  CredentialsOfPartner partners;  // required: never clear text by omission
  web::CallerOptions web = {};    // where their machines may be
};

// All that the binary runs beside its server: the loops and the services. Owned by main; what it is
// given outlives it.
class ReferralServer final : public program::Parts {
 public:
  ReferralServer(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
                 const ReferralOptions& options);

  std::vector<rpc::RegisteredService> Services() override { return services_.All(); }
  std::stop_source drain() const override { return drain_; }
  operations::Figures& figures() override { return figures_; }
  void Close() override;

 private:
  const std::stop_source drain_;
  async::Timers timers_;
  CallsClient calls_;
  web::Caller web_;
  GrpcChannel grpc_channel_;
  WebhookChannel webhook_channel_;
  ChangeFeed changes_;
  outbox::Relay relay_;
  Engine engine_;
  AcknowledgementClock clock_;
  ReferralFigures figures_{engine_, clock_};
  Environment environment_;
  referral::Services services_;
};

}  // namespace veille::referral
