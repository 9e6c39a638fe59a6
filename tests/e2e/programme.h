#pragma once

// The whole programme beside a test: the three service binaries on three databases of their own,
// with ports that stay the same when a service is killed and started again. They speak TLS, with an
// authority made for the test, unless told otherwise.
//
//   Programme programme;
//   Connection calls = programme.Connect(Service::kCalls, {"coordinator", "ada", landlord});
//   programme.Kill(Service::kReferral);
//   programme.Restart(Service::kReferral);
//
// The binaries come from $VEILLE_TEST_BIN, the PostgreSQL from the environment
// (deploy/dev/private-postgres). Everything is stopped and dropped at the end.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "testing/subprocess.h"
#include "testing/temporary_folder.h"
#include "testing/test_database.h"
#include "veillectl/client/connection.h"
#include "veillectl/dev_authority/dev_authority.h"

namespace veille::e2e {

enum class Service { kRegistry, kCalls, kReferral };
inline constexpr std::array kServices = {Service::kRegistry, Service::kCalls, Service::kReferral};

std::string NameOf(Service service);  // "tenant-registry"

// A port of this machine that nobody uses, below those that the system gives to outgoing
// connections: it stays free while its service is down.
int FreePort();

// $VEILLE_TEST_BIN/name, and a file of deploy/samples.
std::string Binary(const std::string& name);
std::string SamplePath(const std::string& name);

class Programme {
 public:
  enum class Security { kTls, kLoopback };
  // Unless told otherwise, one caller may call as fast as a test can.
  static std::vector<std::string> NoRates();

  // Migrates and starts everything; throws when a service does not serve. `options` are further
  // ones of all services.
  explicit Programme(Security security = Security::kTls,
                     std::vector<std::string> options = NoRates());
  Programme(const Programme&) = delete;
  Programme& operator=(const Programme&) = delete;

  std::string address(Service service) const;
  // Of /metrics, /livez and /readyz; another after each start.
  const std::string& admin_address(Service service) const { return at(service).admin_address; }
  testing::TestDatabase& database(Service service) { return *at(service).database; }

  // What veillectl is told to reach the services: addresses, and how to prove who calls.
  std::vector<std::string> ClientOptions() const;
  // From now on whoever connects goes through the edge there; services still call each other.
  void GoThrough(const std::string& edge) { edge_ = edge; }
  // Absent on loopback.
  const std::optional<veillectl::DevAuthority>& authority() const { return authority_; }

  veillectl::Connection Connect(Service service, veillectl::Identity identity) const;

  // kill -9, as a crash. Does nothing when it does not run. Different services may be killed and
  // restarted from different threads.
  void Kill(Service service);
  // Starts a killed service on its old port and database; throws when it does not serve.
  void Restart(Service service);
  // SIGTERM; the exit code after the drain.
  int Stop(Service service);
  void Signal(Service service, int signal) { at(service).process->Kill(signal); }
  // Another replica of it, on the same database and a port of its own; returns when it serves.
  std::unique_ptr<testing::Subprocess> StartReplica(Service service) const;
  bool running(Service service) { return at(service).process->running(); }
  // The most memory that the running process has had.
  int64_t PeakBytes(Service service) const { return at(service).process->PeakBytes(); }

  // Moves the clocks of all databases on, so that the claims and delays of a dead process are over
  // at once. Business rules go by the services' own clocks, which this does not touch.
  void MoveClocks(absl::Duration by);

 private:
  struct Part {
    int port = 0;
    std::string admin_address;
    std::unique_ptr<testing::TestDatabase> database;
    std::unique_ptr<testing::Subprocess> process;
  };

  Part& at(Service service) { return parts_[static_cast<size_t>(service)]; }
  const Part& at(Service service) const { return parts_[static_cast<size_t>(service)]; }
  // Where clients find it.
  std::string reach(Service service) const { return edge_.empty() ? address(service) : edge_; }
  std::string Connection(Service service) const;
  void Migrate();
  std::vector<std::string> CommandOf(Service service, const std::string& listen) const;
  void Start(Service service);
  void AwaitServing(Service service);

  std::shared_ptr<const veillectl::Proof> ProofOf(const veillectl::Identity& identity) const;
  std::vector<std::string> Protection(Service service) const;

  const testing::TemporaryFolder folder_;
  const std::vector<std::string> options_;
  std::optional<veillectl::DevAuthority> authority_;
  std::shared_ptr<const veillectl::Proof> people_;
  std::array<Part, kServices.size()> parts_;
  std::string edge_;
  absl::Duration moved_;
};

}  // namespace veille::e2e
