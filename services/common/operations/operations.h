#pragma once

// What the people and machines that run a service see of it, on its admin port:
//
//   /metrics   figures, for Prometheus
//   /livez     200 as long as the process answers and none of its lanes hangs: else restart it
//   /readyz    200 when it should get calls, else 503 and what is not ready
//
//   ASSIGN_OR_RETURN(const auto operations,
//                    operations::Operations::Start(config.admin_listen,
//                        {"call-tracking", environment, Schema(), server->drain(), figures,
//                         config.figures_interval}));
//   … server->Drain();      // the port answers meanwhile: /readyz says "draining"
//   operations->Close();    // before the database closes
//
// No personal data is on it: see common/telemetry/metrics.h. Without an address nothing is started
// and nothing is read. Costs, with one: five threads that sleep, a statement a second.

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/db/migration.h"
#include "common/operations/admin_server.h"
#include "common/operations/figures.h"
#include "common/operations/gathering.h"
#include "common/operations/readiness.h"
#include "common/rpc/call_context.h"

namespace veille::operations {

// What is watched; all that it refers to outlives the operations.
struct Watched {
  std::string service;  // "call-tracking"
  const rpc::ServerEnvironment& server;
  std::vector<db::Migration> schema;
  std::stop_token drain;  // of the server
  Figures& figures;
  absl::Duration figures_interval;  // between two readings of those in the database
};

class Operations {
 public:
  // UNAVAILABLE when the address cannot be had. An empty one: nothing.
  static absl::StatusOr<std::unique_ptr<Operations>> Start(const std::string& listen,
                                                           Watched watched);
  ~Operations();  // closes
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // With the port that is really listened on; empty when there is none.
  std::string address() const { return server_ == nullptr ? "" : server_->address(); }

  // Idempotent.
  void Close();

 private:
  explicit Operations(Watched watched);
  Answer Metrics() const;
  Answer Live() const;
  Answer Ready() const;

  const Watched watched_;
  std::unique_ptr<Readiness> readiness_;
  std::unique_ptr<Gathering> gathering_;
  std::unique_ptr<AdminServer> server_;  // last: its threads use all of the above
};

}  // namespace veille::operations
