#pragma once

// What a handler knows about the call it answers. One per call; lives as long as the handler's
// frame.

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "common/access/access_table.h"
#include "common/access/caller.h"
#include "common/async/executor.h"
#include "common/db/database.h"
#include "common/limits/limits.h"
#include "common/rpc/authenticator.h"
#include "common/rpc/call_metrics.h"
#include "common/rpc/in_flight.h"
#include "common/time/clock.h"

namespace veille::rpc {

// Hears of each call that was refused for who made it. Any thread; must not block.
class DenialListener {
 public:
  virtual ~DenialListener() = default;
  // A caller of no role is one who was not identified.
  virtual void Denied(const access::Caller& caller, std::string_view method) = 0;
  // A person or a partner asked for what is not there, or not theirs: nobody tells which.
  virtual void Missed(const access::Caller& caller, std::string_view method) = 0;
};

// What every server has, whichever its services: made by main, outlives the server.
struct ServerEnvironment {
  db::Database& database;
  const time::Clock& clock;
  const access::AccessTable& access;
  const Authenticator& authenticator;
  async::Executor& executor;
  InFlight& in_flight;
  CallMetrics* metrics = nullptr;     // where calls are counted; may be absent
  DenialListener* denials = nullptr;  // may be absent
  limits::Limits* limits = nullptr;   // without them no call is refused for its number
};

class CallContext {
 public:
  CallContext(const ServerEnvironment& server, access::Caller caller, db::Limits limits,
              std::string_view method, std::string reason = {})
      : server_(server),
        caller_(std::move(caller)),
        limits_(std::move(limits)),
        method_(method),
        reason_(std::move(reason)),
        now_(server.clock.Now()) {}

  const access::Caller& caller() const { return caller_; }
  ids::LandlordId landlord() const { return caller_.landlord; }
  std::string_view method() const { return method_; }  // "RecordCall"

  // Why the caller looks outside its own work, which the audit trail keeps; empty for own work.
  const std::string& reason() const { return reason_; }

  // When the call came, by the clock of business rules. The same throughout the call.
  absl::Time now() const { return now_; }

  // The time by the same clock at this moment, for streams that go on and on.
  absl::Time current_time() const { return server_.clock.Now(); }

  // The client's deadline, shaved for the way back.
  absl::Time deadline() const { return limits_.deadline; }
  // Set when the client cancels or its connection breaks.
  const std::stop_token& stop() const { return limits_.stop; }
  const db::Limits& limits() const { return limits_; }

  // Where to hop before computing for more than about 20 µs.
  async::Executor& executor() const { return server_.executor; }

  // The database, bounded by this call's deadline and cancellation, and to the caller's landlord.
  db::BoundDatabase db() const { return db::BoundDatabase(server_.database, limits_); }

 private:
  const ServerEnvironment& server_;
  access::Caller caller_;
  db::Limits limits_;
  std::string_view method_;
  std::string reason_;
  absl::Time now_;
};

}  // namespace veille::rpc
