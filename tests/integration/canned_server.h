#pragma once

// A web server that says what the test has it say, with TLS or without: answers too long, too late,
// elsewhere, or not at all.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "veillectl/dev_authority/certificate_authority.h"

namespace veille::testing {

class CannedServer {
 public:
  enum class Where { kLoopback, kEverywhere };  // 127.0.0.1, or all addresses, IPv6 too

  // On a free port of this machine; TLS when it has a certificate. One connection after the other.
  explicit CannedServer(std::optional<veillectl::KeyedCertificate> certificate = std::nullopt,
                        Where where = Where::kLoopback);
  ~CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  int port() const { return port_; }
  // The bytes of a whole answer. `hangs`: the connection stays open behind it.
  // What is said to a request is what this says; instead of Say.
  void Answer(std::function<std::string(const std::string& request)> answer);
  void Say(std::string answer, bool hangs = false);
  void SayOk(const std::string& body);
  // Requests that were read: what TLS refused is none.
  int requests() const { return requests_; }
  // Connections that were taken, whatever became of them.
  int connections() const { return connections_; }
  // The last request that was read, with its body.
  std::string last_request() const;

 private:
  void Run();
  void Serve(int connection);

  const std::optional<veillectl::KeyedCertificate> certificate_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable absl::Mutex mutex_;
  std::string last_request_ ABSL_GUARDED_BY(mutex_);
  std::function<std::string(const std::string&)> answer_ ABSL_GUARDED_BY(mutex_);
  bool hangs_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace veille::testing
