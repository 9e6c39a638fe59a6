#pragma once

// The ledger's server, put together as the services are: what the fault tests torment.

#include <memory>
#include <string>
#include <vector>

#include "common/async/coalescer.h"
#include "common/db/migration.h"
#include "common/rpc/call_context.h"
#include "common/rpc/unary.h"
#include "ledger_service.grpc.pb.h"

namespace veille::testing {

const std::vector<db::Migration>& LedgerMigrations();

struct LedgerEntry {
  ids::LandlordId landlord;
  ids::Uuid id;
  bool poisoned = false;
};
struct LedgerAnswer {};
using LedgerCoalescer = async::Coalescer<LedgerEntry, LedgerAnswer>;

struct LedgerEnvironment;

class LedgerContext : public rpc::CallContext {
 public:
  LedgerContext(LedgerEnvironment& environment, rpc::CallContext call)
      : rpc::CallContext(std::move(call)), environment_(environment) {}
  LedgerCoalescer& ledger();

 private:
  LedgerEnvironment& environment_;
};

struct LedgerEnvironment {
  using Context = LedgerContext;
  rpc::ServerEnvironment server;
  LedgerCoalescer ledger;
};

// Serves until SIGTERM, then drains; the exit code of the process. Prints "SERVING address".
int ServeLedger(const std::string& connection);

}  // namespace veille::testing
