#pragma once

// What the binary of call-tracking serves, on which schema, and out of which parts.

#include <string>
#include <vector>

#include "call_tracking/call_service.h"
#include "call_tracking/campaign_service.h"
#include "call_tracking/clients/referral_client.h"
#include "call_tracking/environment.h"
#include "call_tracking/figures.h"
#include "call_tracking/intake_service.h"
#include "call_tracking/promoter.h"
#include "call_tracking/script_service.h"
#include "call_tracking/volunteer_service.h"
#include "common/db/migration.h"
#include "common/outbox/relay.h"
#include "common/program/program.h"

namespace veille::call_tracking {

// The common migrations, then those of this service.
std::vector<db::Migration> Schema();

// Full names, for the access table.
std::vector<std::string> ServiceNames();

struct CallTrackingOptions {
  rpc::Endpoint registry;
  rpc::Endpoint referral;
  CallsOptions calls = {};
  ContactSheetsOptions contact_sheets = {};
  outbox::RelayOptions relay = {};
  PromoterOptions promoter = {};
};

// The gRPC services, and the peers, batches and loops that they work with. What `server` refers to
// and the seal outlive it; it outlives the gRPC server.
class CallTracking final : public program::Parts {
 public:
  CallTracking(const rpc::ServerEnvironment& server, const privacy::Seal& seal,
               const CallTrackingOptions& options);

  std::vector<rpc::RegisteredService> Services() override;
  std::stop_source drain() const override { return drain_; }
  operations::Figures& figures() override { return figures_; }
  void Close() override;

 private:
  const std::stop_source drain_;
  async::Timers timers_;
  RegistryClient registry_;
  ReferralClient referral_;
  RegistryContactSheets contact_sheets_;
  PinnedCampaigns pinned_;
  Calls call_batches_;
  outbox::Relay relay_;
  Promoter promoter_;
  CallFigures figures_;
  Environment environment_;
  CampaignService campaigns_;
  ScriptService scripts_;
  VolunteerService volunteers_;
  CallService calls_;
  IntakeService intake_;
};

}  // namespace veille::call_tracking
