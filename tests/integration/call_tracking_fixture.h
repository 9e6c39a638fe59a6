#pragma once

// call-tracking in this process, over a database of its own, called through its real address; and
// the two services that it calls.

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "call_tracking/call_tracking_server.h"
#include "common/async/executor.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/status.h"
#include "testing/fake_clock.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::call_tracking {

namespace common_pb = ::veille::common::v1;
namespace registry_pb = ::veille::registry::v1;
namespace referral_pb = ::veille::referral::v1;

// Who calls, as metadata says it.
struct Identity {
  std::string role;
  std::string subject;
  std::string landlord;
};

// A household of the register: one subject, one phone, unless a test says otherwise.
struct RegisteredHousehold {
  std::string id;
  std::vector<std::string> subjects;
  std::vector<std::string> phone_hashes;  // 32 bytes each
  std::string commune_code = "31555";
  std::string time_zone = "Europe/Paris";
  int64_t version = 1;
  std::optional<registry_pb::LeftOutReason> left_out;
};

// The registry, with the households that the test gives it. Thread-safe.
class FakeRegistry final : public registry_pb::RegistryService::Service {
 public:
  FakeRegistry();
  ~FakeRegistry() override;
  const std::string& address() const { return address_; }

  // Adds one with fresh ids, and gives it.
  RegisteredHousehold Add();
  RegisteredHousehold AddLeftOut(registry_pb::LeftOutReason reason);
  void Add(const RegisteredHousehold& household);

  void SetPageSize(int size);
  // The next drawings break off after so many pages; negative: never again.
  void CutAfter(int pages);
  // Answers no contact sheet from now on.
  void Fail(bool fail);

  int drawings() const;
  std::vector<registry_pb::ReportPhoneRequest> reports() const;
  std::vector<registry_pb::ContactSheetQuery> queries() const;
  std::vector<std::string> landlords() const;  // of each call, as metadata says it

  grpc::Status SelectCohort(grpc::ServerContext* context,
                            const registry_pb::SelectCohortRequest* request,
                            grpc::ServerWriter<registry_pb::SelectCohortResponse>* writer) override;
  grpc::Status BatchGetContactSheets(grpc::ServerContext* context,
                                     const registry_pb::BatchGetContactSheetsRequest* request,
                                     registry_pb::BatchGetContactSheetsResponse* response) override;
  grpc::Status ReportPhone(grpc::ServerContext* context,
                           const registry_pb::ReportPhoneRequest* request,
                           registry_pb::ReportPhoneResponse* response) override;

 private:
  std::vector<registry_pb::SelectCohortResponse> PagesAfter(const std::string& id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteLandlord(const grpc::ServerContext& context);

  mutable absl::Mutex mutex_;
  std::vector<RegisteredHousehold> households_ ABSL_GUARDED_BY(mutex_);
  int page_size_ ABSL_GUARDED_BY(mutex_) = 500;
  int cut_after_ ABSL_GUARDED_BY(mutex_) = -1;
  bool fail_ ABSL_GUARDED_BY(mutex_) = false;
  int drawings_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<registry_pb::ReportPhoneRequest> reports_ ABSL_GUARDED_BY(mutex_);
  std::vector<registry_pb::ContactSheetQuery> queries_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> landlords_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

// The referral service: takes each need once.
class FakeReferral final : public referral_pb::ReferralService::Service {
 public:
  FakeReferral();
  ~FakeReferral() override;
  const std::string& address() const { return address_; }
  // Every need is answered with this referral from now on, as one that exists.
  void AnswerExisting(const std::string& referral_id);
  std::vector<referral_pb::CreateReferralRequest> requests() const;

  grpc::Status CreateReferral(grpc::ServerContext* context,
                              const referral_pb::CreateReferralRequest* request,
                              referral_pb::CreateReferralResponse* response) override;

 private:
  mutable absl::Mutex mutex_;
  std::string existing_ ABSL_GUARDED_BY(mutex_);
  std::vector<referral_pb::CreateReferralRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

class CallTrackingFixture : public ::testing::Test {
 protected:
  explicit CallTrackingFixture(CallsOptions calls = {});
  ~CallTrackingFixture() override;

  // The answer of one call, or its error with its reason.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::unique_ptr<Stub>& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request, const Identity& identity) {
    grpc::ClientContext context;
    Identify(context, identity);
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  Identity Coordinator() const { return {"coordinator", "co-1", landlord_}; }
  Identity Volunteer(const std::string& subject = "vo-1") const {
    return {"volunteer", subject, landlord_};
  }
  Identity Service(const std::string& name) const { return {"service", name, landlord_}; }
  Identity OfOtherLandlord(Identity identity) const {
    identity.landlord = other_landlord_;
    return identity;
  }

  // A script that makes sense: "meals" (boolean) means a need of meals, "lonely" a weekly call,
  // "danger" an emergency; "well" means that all is well.
  static pb::Script SampleScript();
  // Publishes it for the landlord; its id.
  std::string PublishScript();

  // A request that is in order, for all households, at any time, from yesterday on.
  pb::CreateCampaignRequest Creation(const std::string& script) const;
  // The id of a new campaign in DRAFT.
  std::string CreateCampaign();
  absl::StatusOr<pb::OpenCampaignResponse> Open(const std::string& campaign);
  // The id of a campaign that runs, with the households that the registry has.
  std::string RunCampaign();

  std::string Enrol(const std::string& subject = "vo-1");
  absl::StatusOr<pb::LeaseNextCallResponse> Lease(const std::string& campaign,
                                                  const std::string& subject = "vo-1");
  // A record of this lease that is in order, COMPLETED, about the first subject.
  pb::RecordCallRequest Record(const pb::CallSheet& sheet) const;
  absl::StatusOr<pb::RecordCallResponse> Send(const pb::RecordCallRequest& request,
                                              const std::string& subject = "vo-1");

  pb::CampaignReport Report(const std::string& campaign);
  absl::StatusOr<pb::ExplainHouseholdResponse> Explain(const std::string& campaign,
                                                       const std::string& household);

  static std::string NewId() { return ids::Uuid::Random().ToString(); }
  std::string Value(const std::string& sql) { return test_database_.Value(sql); }

  const std::string landlord_ = NewId();
  const std::string other_landlord_ = NewId();
  testing::TestDatabase test_database_{Schema()};
  const std::unique_ptr<db::Database> database_;
  testing::FakeClock clock_;
  const privacy::IdentitySeal seal_;
  FakeRegistry registry_;
  FakeReferral referral_;
  std::unique_ptr<pb::CampaignService::Stub> campaigns_;
  std::unique_ptr<pb::ScriptService::Stub> scripts_;
  std::unique_ptr<pb::VolunteerService::Stub> volunteers_;
  std::unique_ptr<pb::CallService::Stub> calls_;
  std::unique_ptr<pb::IntakeService::Stub> intake_;

 private:
  static void Identify(grpc::ClientContext& context, const Identity& identity);

  const access::AccessTable access_;
  async::Executor executor_{1};
  rpc::InFlight in_flight_{1024};
  CallTracking service_;
  std::unique_ptr<rpc::Server> server_;
};

// The fields that a BadRequest names, in order.
std::vector<std::string> FieldsOf(const absl::Status& status);

}  // namespace veille::call_tracking
