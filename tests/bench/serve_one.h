#pragma once

// What a program of the benchmark does that stands in for a service: serves, says so as a service
// does, and ends with SIGTERM.

#include <cstdio>
#include <string>

#include "common/rpc/server.h"
#include "common/telemetry/log.h"

namespace veille::bench {

// First in main: before a thread. The exit code.
inline int ServeOne(const std::string& program, const std::string& address, grpc::Service& service,
                    const std::string& full_name) {
  rpc::PrepareProcess();
  log::Start(program, log::Level::kWarning);
  rpc::ServerOptions options;
  options.listen = address;
  auto server = rpc::Server::Start(options, {{&service, full_name}});
  if (!server.ok()) return 1;
  std::printf("SERVING %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  rpc::WaitForStopSignal();
  (*server)->Drain();
  return 0;
}

}  // namespace veille::bench
