#pragma once

// The gRPC server of one binary, from the first call to the last.
//
//   rpc::PrepareProcess();                        // before the first thread
//   … database, environment, services …
//   ASSIGN_OR_RETURN(auto server, rpc::Server::Start(options, {{&calls,
//   "veille.calls.v1.CallService"}})); rpc::WaitForStopSignal(); server->Drain(); // while lanes,
//   coalescers and loops still run
//
// Drain: health says NOT_SERVING, streams without end hear `drain` and end, new calls are refused,
// those in flight may end until the drain timeout, then they are cancelled. A coroutine that
// ignores its cancellation would make gRPC wait for ever, so a watchdog ends the process a little
// after the timeout, with exit code 3. Never called from a handler or a signal handler. After
// Drain, in this order: stop loops, close coalescers, close the database, destroy peers, destroy
// the server, then the services.

#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/client.h"
#include "common/rpc/unknown_methods.h"

namespace veille::rpc {

// What one connection may cost. The defaults are what services run with; tests shorten the times.
struct ConnectionLimits {
  int message_bytes = 4 << 20;    // of one request; more is RESOURCE_EXHAUSTED
  int metadata_bytes = 16 << 10;  // of one call; more is RESOURCE_EXHAUSTED
  int calls_at_once = 1024;       // the client keeps the rest waiting
  // Streams that go on (imports, watches) are resumed by their clients when a connection has grown
  // old.
  absl::Duration idle = absl::Minutes(30);
  absl::Duration age = absl::Hours(4);
  absl::Duration age_grace = absl::Minutes(10);  // for the calls that are on it
  // Who pings more often again and again is told to go (ENHANCE_YOUR_CALM) …
  absl::Duration least_between_pings = absl::Seconds(10);
  // … and a phone in a tunnel is found out.
  absl::Duration own_pings = absl::Minutes(2);
  absl::Duration own_ping_timeout = absl::Seconds(20);
};

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // port 0: the system chooses
  absl::Duration drain_timeout = absl::Seconds(20);
  std::stop_source drain = {};  // stopped when the drain begins: streams without end hear it
  // Clear text, for loopback, unless others are given.
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  ConnectionLimits connection = {};
};

struct RegisteredService {
  grpc::Service* service;
  std::string full_name;  // for the health protocol
};

class Server {
 public:
  // Registers health and reflection beside the services. UNAVAILABLE when the address cannot be
  // had.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, const std::vector<RegisteredService>& services);
  ~Server();  // drains
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // With the port that is really listened on.
  const std::string& address() const { return address_; }

  void Drain();
  // Stopped when the drain begins.
  std::stop_token drain() const { return drain_.get_token(); }

 private:
  Server(std::unique_ptr<UnknownMethods> unknown_methods, std::unique_ptr<grpc::Server> server,
         std::string address, const ServerOptions& options);

  const std::unique_ptr<UnknownMethods> unknown_methods_;
  std::unique_ptr<grpc::Server> server_;
  const std::string address_;
  const absl::Duration drain_timeout_;
  std::stop_source drain_;
};

// First in main, before any thread. Blocks SIGTERM and SIGINT for this thread and all that it
// starts, and turns off the search for deadlocks that Debian's Abseil makes at every lock of every
// absl::Mutex, gRPC's included: it is for debugging (p50 of lease + record,
// one in flight: 4.4 ms with it, 3.2 ms without).
void PrepareProcess();
// Returns the signal.
int WaitForStopSignal();

// Asks the health service there whether it serves: what `health` does.
absl::Status CheckHealth(const Endpoint& endpoint, absl::Duration timeout);

}  // namespace veille::rpc
