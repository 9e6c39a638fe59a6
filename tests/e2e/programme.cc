#include "e2e/programme.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace veille::e2e {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(30);
constexpr absl::Duration kCallTime = absl::Seconds(10);

bool IsFree(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool bound =
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return bound;
}

}  // namespace

std::string NameOf(Service service) {
  switch (service) {
    case Service::kRegistry:
      return "tenant-registry";
    case Service::kCalls:
      return "call-tracking";
    case Service::kReferral:
      return "referral";
  }
  return {};
}

int FreePort() {
  std::random_device seed;
  std::uniform_int_distribution<int> ports(20000, 32000);
  for (int tries = 0; tries < 1000; ++tries) {
    const int port = ports(seed);
    if (IsFree(port)) return port;
  }
  throw std::runtime_error("no free port between 20000 and 32000");
}

std::string Binary(const std::string& name) {
  const char* folder = std::getenv("VEILLE_TEST_BIN");
  if (folder == nullptr || *folder == '\0') {
    throw std::runtime_error(
        "VEILLE_TEST_BIN is not set: run this with ctest, or name build/…/bin");
  }
  return absl::StrCat(folder, "/", name);
}

namespace {

template <typename T>
T OrThrow(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(std::string(result.status().message()));
  return *std::move(result);
}

}  // namespace

std::string SamplePath(const std::string& name) {
  return absl::StrCat(VEILLE_SAMPLES_DIR, "/", name);
}

std::vector<std::string> Programme::NoRates() {
  return {"--person-calls-per-second", "0", "--partner-calls-per-second",  "0",
          "--token-checks-per-second", "0", "--refused-tokens-per-second", "0"};
}

Programme::Programme(Security security, std::vector<std::string> options)
    : options_(std::move(options)) {
  if (security == Security::kTls) {
    authority_ = OrThrow(veillectl::DevAuthority::Create(folder_.path() + "/authority"));
    people_ = OrThrow(veillectl::DevIdentity::Open(folder_.path() + "/authority"));
  } else {
    people_ = std::make_shared<veillectl::ClaimedIdentity>();
  }
  for (const Service service : kServices) {
    at(service).port = FreePort();
    at(service).database =
        std::make_unique<testing::TestDatabase>(std::vector<db::Migration>());  // empty
  }
  Migrate();
  for (const Service service : kServices) Start(service);
  for (const Service service : kServices) AwaitServing(service);
}

std::string Programme::address(Service service) const {
  return absl::StrCat("127.0.0.1:", at(service).port);
}

std::vector<std::string> Programme::ClientOptions() const {
  std::vector<std::string> options = {"--registry-address", reach(Service::kRegistry),
                                      "--calls-address",    reach(Service::kCalls),
                                      "--referral-address", reach(Service::kReferral)};
  if (authority_.has_value()) {
    options.insert(options.end(), {"--dev-authority", folder_.path() + "/authority"});
  }
  return options;
}

// A service proves itself by its certificate, people and partners by tokens.
std::shared_ptr<const veillectl::Proof> Programme::ProofOf(
    const veillectl::Identity& identity) const {
  if (!authority_.has_value() || identity.role != "service") return people_;
  return OrThrow(veillectl::TokenOrCertificate::Open(authority_->FilesOf(identity.subject),
                                                     /*token_file=*/""));
}

veillectl::Connection Programme::Connect(Service service, veillectl::Identity identity) const {
  auto proof = ProofOf(identity);
  return veillectl::Connection(reach(service), std::move(identity), std::move(proof), kCallTime);
}

std::vector<std::string> Programme::Protection(Service service) const {
  if (!authority_.has_value()) return {"--insecure-loopback"};
  const tls::Files files = authority_->FilesOf(NameOf(service));
  return {"--tls-certificate", files.certificate,
          "--tls-key",         files.key,
          "--tls-authority",   files.authority,
          "--issuers",         authority_->Path("issuers.json"),
          "--audit-key",       authority_->Path("audit.key")};
}

void Programme::Kill(Service service) {
  at(service).process->Kill(SIGKILL);
  at(service).process->Wait(kStartTime);
}

void Programme::Restart(Service service) {
  Kill(service);
  Start(service);
  AwaitServing(service);
}

int Programme::Stop(Service service) {
  at(service).process->Kill(SIGTERM);
  return at(service).process->Wait(kStartTime);
}

void Programme::MoveClocks(absl::Duration by) {
  moved_ += by;
  for (const Service service : kServices) at(service).database->MoveClock(moved_);
}

std::string Programme::Connection(Service service) const {
  return testing::TestConnection(at(service).database->name());
}

void Programme::Migrate() {
  std::vector<std::unique_ptr<testing::Subprocess>> running;
  for (const Service service : kServices) {
    running.push_back(std::make_unique<testing::Subprocess>(
        std::vector<std::string>{Binary("veille-" + NameOf(service)), "migrate", "--database",
                                 at(service).database->owner_options().connection, "--service-role",
                                 testing::kServiceRole, "--log-level", "warning"}));
  }
  for (const Service service : kServices) {
    if (running[static_cast<size_t>(service)]->Wait(kStartTime) != 0) {
      throw std::runtime_error(NameOf(service) + " did not migrate");
    }
  }
}

std::vector<std::string> Programme::CommandOf(Service service, const std::string& listen) const {
  std::vector<std::string> argv = {Binary("veille-" + NameOf(service)),
                                   "serve",
                                   "--listen",
                                   listen,
                                   "--database",
                                   Connection(service),
                                   "--database-lanes",
                                   "4",
                                   "--admin-listen",
                                   "127.0.0.1:0",
                                   "--figures-interval",
                                   "1s",
                                   "--log-level",
                                   "warning"};
  const std::vector<std::string> protection = Protection(service);
  argv.insert(argv.end(), protection.begin(), protection.end());
  if (service == Service::kReferral) {  // partners' webhooks are on this machine
    argv.insert(argv.end(), {"--partner-networks", "127.0.0.0/8", "--partner-ports", "1024-65535"});
    if (authority_.has_value()) {
      argv.insert(argv.end(), {"--webhook-authority", authority_->Path("authority.pem")});
    }
  }
  argv.insert(argv.end(), options_.begin(), options_.end());
  const auto peer = [&](const char* flag, Service other) {
    argv.emplace_back(flag);
    argv.push_back(address(other));
  };
  if (service == Service::kCalls) {
    peer("--registry-address", Service::kRegistry);
    peer("--referral-address", Service::kReferral);
  } else {
    peer("--calls-address", Service::kCalls);
  }
  return argv;
}

void Programme::Start(Service service) {
  at(service).process = std::make_unique<testing::Subprocess>(CommandOf(service, address(service)));
}

std::unique_ptr<testing::Subprocess> Programme::StartReplica(Service service) const {
  auto replica = std::make_unique<testing::Subprocess>(CommandOf(service, "127.0.0.1:0"));
  if (!replica->WaitForLine("SERVING ", kStartTime).has_value()) {
    throw std::runtime_error(absl::StrCat("a replica of ", NameOf(service), " does not serve"));
  }
  return replica;
}

void Programme::AwaitServing(Service service) {
  at(service).admin_address =
      at(service).process->WaitForLine("ADMIN ", kStartTime).value_or("nowhere:0");
  const auto serving = at(service).process->WaitForLine("SERVING ", kStartTime);
  if (serving != address(service)) throw std::runtime_error(NameOf(service) + " does not serve");
}

}  // namespace veille::e2e
