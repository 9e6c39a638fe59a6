#pragma once

// Calls to addresses that others have named: a partner's webhook. Such an address is not trusted to
// lead where it says.
//
//   web::Caller caller({.policy = policy});
//   auto response = co_await caller.Post({url, headers, body}, deadline, stop);
//
// Every call looks the name up anew, by itself, and refuses when one address of it is none that the
// policy allows; the connection goes to an address that was vetted, and the socket is checked once
// more as it is opened. https only, certificates verified, nothing followed, no proxy, 20 kB of an
// answer at most. A connection that is open already is used again, for five minutes at most.
//
// One thread drives all calls, and continues the coroutines; others look names up. Until the first
// call there are none, and no libcurl.

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/curl/library.h"
#include "common/web/address_policy.h"
#include "common/web/exchange.h"
#include "common/web/resolver.h"
#include "common/web/target.h"

namespace veille::web {

struct CallerOptions {
  AddressPolicy policy;
  std::string authorities;  // a PEM file of authorities; empty: those of the system
  absl::Duration connect_timeout = absl::Seconds(5);
  Lookup lookup = LookUpBySystem;
  int lookup_threads = 8;
};

// Thread-safe. Owned by main; outlives the coroutines that use it.
class Caller {
 public:
  explicit Caller(CallerOptions options = {});
  ~Caller();  // closes
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // INVALID_ARGUMENT: the URL is none that is called. PERMISSION_DENIED: it leads where no call may
  // go. UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED: there is no answer, or none that can be used.
  // Whatever the answer says, its status included, is a response. No message holds the URL.
  async::Task<absl::StatusOr<Response>> Post(Request request, absl::Time deadline,
                                             std::stop_token stop);

  // What `Post` would connect to, without connecting: every address of the URL's host, vetted, in
  // the order in which the system would try them. The errors of `Post`.
  async::Task<absl::StatusOr<std::vector<Address>>> Vet(std::string url, absl::Time deadline,
                                                        std::stop_token stop);

  // Ends what is under way with UNAVAILABLE and refuses what comes. Idempotent; blocks.
  void Close();

  // Connections begun, and sockets refused at the last moment, so far.
  int64_t opened() const { return opened_; }
  int64_t refused() const { return refused_; }

 private:
  // Lives in the frame of the coroutine that waits for it.
  struct Call {
    Target target;
    Request request;
    absl::Time deadline;
    std::stop_token stop;
    bool only_vets = false;
    std::vector<Address> vetted = {};  // what such a call is for
    absl::StatusOr<Response> result = absl::UnknownError("not called");
    std::coroutine_handle<> waiting = {};
    // Set by the end and by the suspension; whoever comes second continues the coroutine.
    std::atomic<bool> one_arrived{false};

    bool Arrive() { return one_arrived.exchange(true, std::memory_order_acq_rel); }
  };
  struct Wait {
    Caller* caller;
    Call* call;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
      call->waiting = waiting;
      return caller->Push(call) && !call->Arrive();
    }
    void await_resume() const noexcept {}
  };
  struct Live {
    Call* call = nullptr;
    std::unique_ptr<Exchange> exchange;  // while it is looked up: none
  };
  struct LookedUp {
    uint64_t id = 0;
    absl::StatusOr<std::vector<Address>> addresses;
  };
  struct MultiCleanup {
    void operator()(CURLM* multi) const { curl::Loaded().multi_cleanup(multi); }
  };

  async::Task<absl::Status> Run(Call& call);
  // False when the call was refused and its result set.
  bool Push(Call* call);
  // Whatever the first call needs and an idle process does without.
  absl::Status Start() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake();

  // All of these on the thread.
  void Drive();
  bool TakeNews();
  void Begin(Call* call);
  void Connect(const LookedUp& looked_up);
  void EndOverdue();
  void EndTransfers();
  void End(uint64_t id, absl::StatusOr<Response> result);
  int UntilDue() const;

  const CallerOptions options_;
  std::unique_ptr<CURLM, MultiCleanup> multi_;  // as it is from the start on
  std::atomic<bool> started_ = false;
  std::atomic<int64_t> opened_ = 0;
  std::atomic<int64_t> refused_ = 0;
  std::atomic<bool> stop_asked_ = false;
  absl::Mutex mutex_;
  std::vector<Call*> pushed_ ABSL_GUARDED_BY(mutex_);
  std::vector<LookedUp> looked_up_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the thread alone.
  std::map<uint64_t, Live> live_;
  uint64_t last_id_ = 0;
  absl::Time next_due_ = absl::InfiniteFuture();
  std::unique_ptr<Resolver> resolver_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace veille::web
