#include "common/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
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
constexpr int kReflectionThreads = 16;

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

void Bound(grpc::ServerBuilder& builder, const ConnectionLimits& limits) {
  const auto number = [&builder](const char* argument, int value) {
    builder.AddChannelArgument(argument, value);
  };
  const auto time = [&number](const char* argument, absl::Duration value) {
    number(argument, static_cast<int>(absl::ToInt64Milliseconds(value)));
  };
  builder.SetMaxReceiveMessageSize(limits.message_bytes);
  // gRPC unpacks first and measures then, before anybody is asked who calls: half a megabyte may
  // come out as half a gigabyte. Nothing that is packed is taken, and nothing is unpacked.
  for (const grpc_compression_algorithm packed : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(packed, false);
  }
  number(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  number(GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes);
  number(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.calls_at_once);
  time(GRPC_ARG_MAX_CONNECTION_IDLE_MS, limits.idle);
  time(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits.age);
  time(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits.age_grace);
  time(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits.least_between_pings);
  number(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  time(GRPC_ARG_KEEPALIVE_TIME_MS, limits.own_pings);
  time(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits.own_ping_timeout);
}

}  // namespace

Server::Server(std::unique_ptr<UnknownMethods> unknown_methods,
               std::unique_ptr<grpc::Server> server, std::string address,
               const ServerOptions& options)
    : unknown_methods_(std::move(unknown_methods)),
      server_(std::move(server)),
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
  Bound(builder, options.connection);
  // Flat windows: without these about 4 MB per stream are taken before a Write waits.
  builder.AddChannelArgument("grpc.http2.bdp_probe", 0);
  builder.AddChannelArgument("grpc.http2.lookahead_bytes", 65536);
  // Only reflection is synchronous, and needs no more than this. Each of its streams holds a
  // thread, and anybody may open one.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  builder.SetResourceQuota(grpc::ResourceQuota().SetMaxThreads(kReflectionThreads));
  for (const RegisteredService& service : services) builder.RegisterService(service.service);
  auto unknown_methods = std::make_unique<UnknownMethods>();
  builder.RegisterCallbackGenericService(unknown_methods.get());

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
  return std::unique_ptr<Server>(new Server(std::move(unknown_methods), std::move(server),
                                            WithPort(options.listen, port), options));
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
