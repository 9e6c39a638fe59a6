#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_builder.h>
#include <signal.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/grpc_log.h"
#include "common/telemetry/log.h"

namespace veille::rpc {
namespace {

constexpr absl::Duration kPatienceAfterDrain = absl::Seconds(5);
constexpr int kExitHung = 3;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

std::string WithPort(const std::string& listen, int port) {
  if (absl::StartsWith(listen, "unix:")) return listen;
  return absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port);
}

// What one connection may cost. Streams that go on (imports, watches) are resumed by their clients
// when a connection has grown old.
void Bound(grpc::ServerBuilder& builder) {
  constexpr int kMinute = 60 * 1000;  // milliseconds
  builder.SetMaxReceiveMessageSize(4 << 20);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1024);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 30 * kMinute);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 4 * 60 * kMinute);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 10 * kMinute);
  // Who pings more often than once in ten seconds is told to go; a phone in a tunnel is found out.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinute / 6);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 2 * kMinute);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kMinute / 3);
}

}  // namespace

Server::Server(std::unique_ptr<grpc::Server> server, std::string address,
               const ServerOptions& options)
    : server_(std::move(server)),
      address_(std::move(address)),
      drain_timeout_(options.drain_timeout),
      drain_(options.drain) {}

Server::~Server() { Drain(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, const std::vector<RegisteredService>& services) {
  // Global in gRPC, and idempotent.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  grpc::ServerBuilder builder;
  int port = -1;
  builder.AddListeningPort(options.listen, options.credentials, &port);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  Bound(builder);
  // Flat windows: without these about 4 MB per stream are taken before a Write waits.
  builder.AddChannelArgument("grpc.http2.bdp_probe", 0);
  builder.AddChannelArgument("grpc.http2.lookahead_bytes", 65536);
  // Only reflection is synchronous: it needs no more than this.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  for (const RegisteredService& service : services) builder.RegisterService(service.service);

  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.listen, ": is the port taken?"));
  }
  if (auto* health = server->GetHealthCheckService()) {
    health->SetServingStatus(true);
    for (const RegisteredService& service : services) {
      health->SetServingStatus(service.full_name, true);
    }
  }
  return std::unique_ptr<Server>(
      new Server(std::move(server), WithPort(options.listen, port), options));
}

void Server::Drain() {
  if (server_ == nullptr) return;
  log::Info("draining", {{"timeout", drain_timeout_}});
  absl::Notification drained;
  std::thread watchdog([this, &drained] {
    if (drained.WaitForNotificationWithTimeout(drain_timeout_ + kPatienceAfterDrain)) return;
    log::Error("drain hangs: a call ignores its cancellation");
    _exit(kExitHung);
  });
  if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(false);
  drain_.request_stop();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + drain_timeout_));
  server_->Wait();
  drained.Notify();
  watchdog.join();
  server_.reset();
  log::Info("drained");
}

void PrepareProcess() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CaptureGrpcLog();
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForStopSignal() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

}  // namespace veille::rpc
