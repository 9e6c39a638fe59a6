#pragma once

// The life of a service's process, the same for each: options, database and its schema, who calls,
// the server, the admin port, SIGTERM, and all of it closed in the reverse order.
//
//   int main(int argc, char** argv) {
//     return program::Run({.description = kDescription, .services = ServiceNames(),
//                          .schema = Schema(), .build = Build}, argc, argv);
//   }

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "common/config/service_config.h"
#include "common/db/migration.h"
#include "common/operations/figures.h"
#include "common/privacy/seal.h"
#include "common/rpc/call_context.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"

namespace veille::program {

// What one service is made of: its gRPC services, and the loops, batches and peers behind them.
class Parts {
 public:
  virtual ~Parts() = default;

  virtual std::vector<rpc::RegisteredService> Services() = 0;
  virtual operations::Figures& figures() = 0;
  // For streams without end: stopped when the server begins to drain.
  virtual std::stop_source drain() const { return {}; }
  // After the server has drained, while the database is open: ends loops, then batches. Blocks.
  virtual void Close() = 0;
};

// What the parts work with; outlives them.
struct Surroundings {
  const config::ServiceConfig& config;
  const rpc::ServerEnvironment& server;
  const privacy::Seal& seal;
  std::shared_ptr<grpc::ChannelCredentials> credentials;  // to other services

  // The peer of the option --`flag`.
  rpc::Endpoint PeerOf(const std::string& flag) const {
    return {config.peers.at(flag), credentials};
  }
};

struct Program {
  config::ServiceDescription description;
  std::vector<std::string> services;  // full names, for the access table
  std::vector<db::Migration> schema;
  // INVALID_ARGUMENT when options of its own are no good.
  absl::StatusOr<std::unique_ptr<Parts>> (*build)(const Surroundings& surroundings);
};

// What `serve`, `migrate` or `health` comes to: the exit code. Prints `ADMIN <address>` (if there
// is such a port) and `SERVING <address>` when calls are answered.
int Run(const Program& program, int argc, char** argv);

}  // namespace veille::program
