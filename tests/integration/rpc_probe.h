#pragma once

// A server in this process with handlers that only tell how they were called: what stands before
// every handler, and around every connection, is what is tried. Callers are believed.
//
//   GetHousehold      answers with the reason, as the client reference
//   FindHouseholds    answers at once; asked for kWait, when Release is called
//   SelectCohort      one message
//   ImportHouseholds  one message

#include <grpcpp/grpcpp.h>

#include <future>
#include <memory>
#include <set>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/async/executor.h"
#include "common/limits/limits.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/server.h"
#include "common/rpc/service_context.h"
#include "testing/fake_clock.h"
#include "testing/fake_monotonic_clock.h"
#include "testing/test_database.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::rpc {

namespace registry = ::veille::registry::v1;
using Registry = registry::RegistryService::Stub;

inline constexpr char kWait[] = "wait";

struct ProbeOptions {
  ConnectionLimits connection = {};
  limits::Options limits = {};
  int in_flight = 1000;
};

// Believes callers, and keeps which connections they came over.
class WatchingAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<access::Caller> Identify(
      const grpc::CallbackServerContext& context) const override;
  size_t connections() const;

 private:
  const BelievingAuthenticator believing_;
  mutable absl::Mutex mutex_;
  mutable std::set<std::string> peers_ ABSL_GUARDED_BY(mutex_);
};

class ProbeService;

class Probe {
 public:
  explicit Probe(const ProbeOptions& options = {});
  ~Probe();

  const std::string& address() const { return server_->address(); }
  int in_flight() const { return in_flight_.now(); }
  size_t connections() const { return authenticator_.connections(); }
  testing::FakeMonotonicClock& clock() { return clock_; }
  std::string metrics() const;
  // Lets those go that wait, from now on.
  void Release();

 private:
  testing::TestDatabase test_database_{{}};
  const std::unique_ptr<db::Database> database_;
  const access::AccessTable access_;
  const WatchingAuthenticator authenticator_;
  const time::SystemClock business_clock_;
  testing::FakeMonotonicClock clock_;
  limits::Limits limits_;
  async::Executor executor_{8};  // whose threads wait for Release
  InFlight in_flight_;
  absl::Notification released_;
  std::unique_ptr<ProbeService> service_;
  std::unique_ptr<Server> server_;
};

// One connection to a probe.
class ProbeClient {
 public:
  explicit ProbeClient(const Probe& probe, grpc::ChannelArguments arguments = {});

  grpc_connectivity_state state() const { return channel_->GetState(false); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Registry& stub() const { return *stub_; }

  // With who calls, and a deadline.
  static void Prepare(grpc::ClientContext& context, const std::string& role = "coordinator",
                      const std::string& subject = "ada");
  absl::Status Find(const std::string& name = "martin", const std::string& subject = "ada") const;
  // Goes on beside the test.
  std::future<absl::Status> FindAndWait() const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Registry> stub_;
};

}  // namespace veille::rpc
