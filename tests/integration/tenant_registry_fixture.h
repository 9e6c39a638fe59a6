#pragma once

// A registry in this process: the real service and server over a database of its own, with a sample
// call-tracking beside it, and what the tests of its RPCs say to it.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "common/rpc/status.h"
#include "google/rpc/error_details.pb.h"
#include "testing/fake_clock.h"
#include "testing/test_database.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

// What a registry is told by a client's identity.
struct Identity {
  std::string role;
  std::string subject;
  std::string landlord;
  std::string reason = "a test looks at its own register";  // of looks outside their own work
};

// Call-tracking's intake: keeps what it is told; may be made to refuse. Thread-safe.
class SampleIntake final : public calls::v1::IntakeService::Service {
 public:
  grpc::Status RecordHouseholdChange(grpc::ServerContext* context,
                                     const calls::v1::RecordHouseholdChangeRequest* request,
                                     calls::v1::RecordHouseholdChangeResponse* response) override;

  std::vector<calls::v1::RecordHouseholdChangeRequest> taken() const;
  int refused() const;
  std::string landlord() const;  // of the last request
  void Refuse(bool refuse);

 private:
  mutable absl::Mutex mutex_;
  std::vector<calls::v1::RecordHouseholdChangeRequest> taken_ ABSL_GUARDED_BY(mutex_);
  std::string landlord_ ABSL_GUARDED_BY(mutex_);
  int refused_ ABSL_GUARDED_BY(mutex_) = 0;
  bool refuse_ ABSL_GUARDED_BY(mutex_) = false;
};

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest();
  ~RegistryTest() override;

  using Stub = pb::RegistryService::Stub;

  // One unary call. The answer, or the error with its reason.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, const Identity& identity) {
    grpc::ClientContext context;
    Identify(context, identity);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }
  static void Identify(grpc::ClientContext& context, const Identity& identity);

  // Creates a landlord through the service; its id.
  std::string CreateLandlord(const std::string& name);

  Identity Coordinator() const { return {"coordinator", "camille", landlord_}; }
  Identity Calls() const { return {"service", "call-tracking", landlord_}; }
  Identity Operator() const { return {"operator", "ops", ""}; }

  Stub& stub() { return *stub_; }
  const std::string& address() const;
  testing::TestDatabase& database() { return test_database_; }
  SampleIntake& intake() { return intake_; }
  testing::FakeClock& clock() { return clock_; }
  // A household by its client reference, as GetHousehold and ListHouseholds show it.
  pb::Household Find(const std::string& client_reference);
  int64_t Count(const std::string& sql) { return std::stoll(database().Value(sql)); }

  // 17 March 2020, 10:00 in Paris.
  static absl::Time Start();

  std::string landlord_;  // created for each test

 private:
  testing::TestDatabase test_database_;
  testing::FakeClock clock_{Start()};
  SampleIntake intake_;
  // The service, its server and what they work with, which the tests know by their address only.
  struct Running;
  std::unique_ptr<Running> running_;
  std::unique_ptr<Stub> stub_;
};

// A new UUID as text.
std::string NewId();

common::v1::Date Day(int year, int month, int day);

// All fields that an INVALID_FIELDS error names, in order.
std::vector<std::string> BadFields(const absl::Status& status);

// A row of a register: a person of a dwelling in Toulouse, born "dd/mm/yyyy".
pb::RegisterRow Person(const std::string& dwelling, const std::string& reference,
                       const std::string& family_name, const std::string& given_name,
                       const std::string& birth_date, const std::string& phone = "");
pb::RegisterRow Vacant(const std::string& dwelling);

// One stream of ImportHouseholds.
class ImportStream {
 public:
  ImportStream(pb::RegistryService::Stub& stub, const Identity& identity);
  ~ImportStream() { context_.TryCancel(); }

  static pb::ImportHeader Header(const std::string& file = "file");

  bool Send(const pb::ImportHeader& header);
  bool Send(int64_t number, const std::vector<pb::RegisterRow>& rows);
  bool SendEnd(int64_t rows);
  bool Send(const pb::ImportHouseholdsRequest& request) { return stream_->Write(request); }
  // The next answer; fails the test when there is none.
  pb::ImportHouseholdsResponse Receive();
  // False when the stream has ended.
  bool TryReceive(pb::ImportHouseholdsResponse& response) { return stream_->Read(&response); }
  // Half-closes, drops what was not read yet, and tells how the stream ended.
  absl::Status Finish();
  void Cut() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<pb::ImportHouseholdsRequest, pb::ImportHouseholdsResponse>>
      stream_;
};

// A whole import.
struct Imported {
  absl::Status status;
  pb::ImportAccepted accepted;
  std::vector<pb::RowVerdict> verdicts;
  pb::ImportTotals totals;
};
Imported Import(pb::RegistryService::Stub& stub, const Identity& identity,
                const pb::ImportHeader& header, const std::vector<pb::RegisterRow>& rows,
                size_t rows_per_chunk = 2000);

}  // namespace veille::tenant_registry
