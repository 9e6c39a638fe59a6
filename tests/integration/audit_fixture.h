#pragma once

// The audit service in this process, over a database with the common schema only, called through
// its real address. No loop runs: the tests ask for its transactions, one at a time, or start one.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/async/executor.h"
#include "common/async/sync_wait.h"
#include "common/audit/audit_service.h"
#include "common/audit/store.h"
#include "common/db/database.h"
#include "common/privacy/audit_trail.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/server.h"
#include "common/rpc/status.h"
#include "testing/fake_clock.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "veille/audit/v1/audit_service.grpc.pb.h"

namespace veille::audit {

namespace pb = ::veille::audit::v1;

// An Ed25519 key in PEM: the private one, or the public one of the same.
struct KeyPair {
  std::string private_pem;
  std::string public_pem;
};
KeyPair NewKeyPair();

class AuditFixture : public ::testing::Test {
 protected:
  AuditFixture();
  ~AuditFixture() override;

  struct Look {
    ids::Uuid object = ids::Uuid::Random();
    std::string actor = "ada";
    std::string method = "GetHousehold";
    std::string reason = {};
    ids::HouseholdId household = {};
  };
  // Leaves an event of that, in a transaction of its own.
  void Leave(ids::LandlordId landlord, const Look& look);
  void Leave(ids::LandlordId landlord, int events);

  // Chains all that waits; how many events.
  int Chain();
  int ChainOnce(const ChainerOptions& options);
  int64_t Erase(absl::Duration keep);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (pb::AuditService::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Response*),
                                const Request& request, ids::LandlordId landlord,
                                const std::string& role = "dpo") {
    grpc::ClientContext context;
    Identify(context, landlord, role);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }
  absl::StatusOr<pb::ListAuditEventsResponse> List(ids::LandlordId landlord,
                                                   const pb::ListAuditEventsRequest& request = {});
  // All parts as one.
  pb::VerifyAuditTrailResponse Verify(ids::LandlordId landlord,
                                      const std::vector<pb::AuditHead>& known = {});
  pb::AuditHead HeadOf(ids::LandlordId landlord);

  void Sql(const std::string& statement) { test_database_.Query(statement); }
  std::string Value(const std::string& sql) { return test_database_.Value(sql); }

  // The service begins anew with these: another key, another retention.
  void Serve(const ChainerOptions& options);
  // A loop that looks at once, and again after `interval`.
  std::unique_ptr<Chainer> StartLoop(absl::Duration interval = absl::Milliseconds(20));

  const KeyPair pair_ = NewKeyPair();
  const std::unique_ptr<Keys> keys_;
  const ChainerOptions options_{
      .service = "call-tracking", .keys = keys_.get(), .events_per_batch = 8};
  testing::TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
  Denials denials_{16};
  const ids::LandlordId landlord_ = ids::LandlordId::Random();
  const ids::LandlordId other_ = ids::LandlordId::Random();

 private:
  static void Identify(grpc::ClientContext& context, ids::LandlordId landlord,
                       const std::string& role);

  testing::FakeClock clock_{absl::FromUnixSeconds(1585720800)};
  const access::AccessTable access_;
  const rpc::BelievingAuthenticator authenticator_;
  async::Executor executor_{1};
  rpc::InFlight in_flight_{64};
  ChainerOptions served_options_;
  std::unique_ptr<AuditEnvironment> environment_;
  std::unique_ptr<AuditService> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<pb::AuditService::Stub> stub_;
};

}  // namespace veille::audit
