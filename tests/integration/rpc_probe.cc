#include "integration/rpc_probe.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/rpc/stream.h"
#include "common/rpc/unary.h"

namespace veille::rpc {
namespace {

constexpr char kService[] = "veille.registry.v1.RegistryService";

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

struct ProbeEnvironment;

class ProbeContext : public CallContext {
 public:
  ProbeContext(ProbeEnvironment& environment, CallContext call)
      : CallContext(std::move(call)), environment_(environment) {}
  void AwaitRelease() const;

 private:
  ProbeEnvironment& environment_;
};

struct ProbeEnvironment {
  using Context = ProbeContext;
  ServerEnvironment server;
  absl::Notification& released;
};

void ProbeContext::AwaitRelease() const { environment_.released.WaitForNotification(); }

async::Task<absl::StatusOr<registry::GetHouseholdResponse>> GetHousehold(
    ProbeContext& context, const registry::GetHouseholdRequest&) {
  registry::GetHouseholdResponse response;
  response.mutable_household()->set_client_reference(context.reason());
  co_return response;
}

async::Task<absl::StatusOr<registry::FindHouseholdsResponse>> FindHouseholds(
    ProbeContext& context, const registry::FindHouseholdsRequest& request) {
  if (request.name() == kWait) {
    co_await context.executor().Hop();
    context.AwaitRelease();
  }
  co_return registry::FindHouseholdsResponse();
}

async::Task<absl::Status> SelectCohort(ProbeContext&, const registry::SelectCohortRequest&,
                                       StreamWriter<registry::SelectCohortResponse>& writer) {
  const registry::SelectCohortResponse page;
  [[maybe_unused]] const bool written = co_await writer.Write(page);
  co_return absl::OkStatus();
}

async::Task<absl::Status> ImportHouseholds(
    ProbeContext&, StreamReader<registry::ImportHouseholdsRequest>&,
    StreamWriter<registry::ImportHouseholdsResponse>& writer) {
  const registry::ImportHouseholdsResponse answer;
  [[maybe_unused]] const bool written = co_await writer.Write(answer);
  co_return absl::OkStatus();
}

}  // namespace

class ProbeService final
    : public Methods<registry::RegistryService,
                     registry::RegistryService::WithRawCallbackMethod_GetHousehold,
                     registry::RegistryService::WithRawCallbackMethod_FindHouseholds,
                     registry::RegistryService::WithRawCallbackMethod_SelectCohort,
                     registry::RegistryService::WithRawCallbackMethod_ImportHouseholds> {
 public:
  ProbeService(ServerEnvironment server, absl::Notification& released) : env_{server, released} {}

  grpc::ServerUnaryReactor* GetHousehold(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    return Unary(env_, context, request, response, rpc::GetHousehold);
  }
  grpc::ServerUnaryReactor* FindHouseholds(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override {
    return Unary(env_, context, request, response, rpc::FindHouseholds);
  }
  grpc::ServerWriteReactor<grpc::ByteBuffer>* SelectCohort(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override {
    return ServerStream(env_, context, request, rpc::SelectCohort);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ImportHouseholds(
      grpc::CallbackServerContext* context) override {
    return BidiStream(env_, context, rpc::ImportHouseholds);
  }

 private:
  ProbeEnvironment env_;
};

absl::StatusOr<access::Caller> WatchingAuthenticator::Identify(
    const grpc::CallbackServerContext& context) const {
  {
    const absl::MutexLock lock(&mutex_);
    peers_.insert(context.peer());
  }
  return believing_.Identify(context);
}

size_t WatchingAuthenticator::connections() const {
  const absl::MutexLock lock(&mutex_);
  return peers_.size();
}

Probe::Probe(const ProbeOptions& options)
    : database_(Must(db::Database::Open(test_database_.options(1)))),
      access_(Must(access::AccessTable::Build({kService}))),
      limits_(options.limits, clock_),
      in_flight_(options.in_flight),
      service_(std::make_unique<ProbeService>(ServerEnvironment{.database = *database_,
                                                                .clock = business_clock_,
                                                                .access = access_,
                                                                .authenticator = authenticator_,
                                                                .executor = executor_,
                                                                .in_flight = in_flight_,
                                                                .limits = &limits_},
                                              released_)) {
  server_ =
      Must(Server::Start({.drain_timeout = absl::Seconds(5), .connection = options.connection},
                         {{service_.get(), kService}}));
}

Probe::~Probe() {
  Release();
  server_->Drain();
  executor_.Close();
  database_->Close();
}

std::string Probe::metrics() const {
  metrics::Scrape scrape;
  limits_.Expose(scrape);
  return scrape.Text();
}

void Probe::Release() {
  if (!released_.HasBeenNotified()) released_.Notify();
}

ProbeClient::ProbeClient(const Probe& probe, grpc::ChannelArguments arguments) {
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  channel_ =
      grpc::CreateCustomChannel(probe.address(), grpc::InsecureChannelCredentials(), arguments);
  stub_ = registry::RegistryService::NewStub(channel_);
}

void ProbeClient::Prepare(grpc::ClientContext& context, const std::string& role,
                          const std::string& subject) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata("veille-role", role);
  context.AddMetadata("veille-subject", subject);
  context.AddMetadata("veille-landlord", "01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d");
}

absl::Status ProbeClient::Find(const std::string& name, const std::string& subject) const {
  grpc::ClientContext context;
  Prepare(context, "coordinator", subject);
  registry::FindHouseholdsRequest request;
  request.set_name(name);
  registry::FindHouseholdsResponse response;
  return FromGrpc(stub_->FindHouseholds(&context, request, &response));
}

std::future<absl::Status> ProbeClient::FindAndWait() const {
  return std::async(std::launch::async, [this] { return Find(kWait); });
}

}  // namespace veille::rpc
