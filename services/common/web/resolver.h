#pragma once

// Turns names into addresses, on threads of its own: the system's resolver blocks, for many seconds
// when a name's servers are silent.
//
// Questions for one name share one look-up, so that a name whose servers are silent keeps one
// thread busy, however many calls wait for it.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/web/address.h"

namespace veille::web {

// All addresses of a name; may block. UNAVAILABLE when it has none.
using Lookup = std::function<absl::StatusOr<std::vector<Address>>(const std::string& host)>;

// What this machine's resolver says: /etc/hosts, DNS, and whatever else it is set up for.
absl::StatusOr<std::vector<Address>> LookUpBySystem(const std::string& host);

// Thread-safe.
class Resolver {
 public:
  using Answer = std::function<void(const absl::StatusOr<std::vector<Address>>& addresses)>;

  Resolver(Lookup lookup, int threads);
  ~Resolver();  // waits for the look-ups that have begun; answers no other
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `answer` is called once, on a thread of the resolver; it must not block.
  void Ask(const std::string& host, Answer answer);

 private:
  void Serve();

  const Lookup lookup_;
  absl::Mutex mutex_;
  std::map<std::string, std::vector<Answer>> asked_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace veille::web
