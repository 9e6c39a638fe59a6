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
#include "call_tracking/batches/calls.h"
#include "common/ids/uuid.h"
#include "common/privacy/seal.h"
#include "common/rpc/status.h"
#include "integration/call_tracking_peers.h"
#include "testing/fake_clock.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"

namespace veille::call_tracking {

namespace common_pb = ::veille::common::v1;
namespace pb = ::veille::calls::v1;

// Who calls, as metadata says it.
struct Identity {
  std::string role;
  std::string subject;
  std::string landlord;
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
  // What Lease gives, when it must not fail.
  pb::CallSheet MustLease(const std::string& campaign, const std::string& subject = "vo-1");
  // A record of this lease that is in order, COMPLETED, about the first subject.
  pb::RecordCallRequest Record(const pb::CallSheet& sheet) const;
  // The same, in which the subject says yes to one question.
  pb::RecordCallRequest Saying(const pb::CallSheet& sheet, const std::string& question) const;
  // Adds what a tenant said to sharing a need, or to weekly calls.
  static pb::Agreement& Agree(pb::RecordCallRequest& record, const std::string& tenant,
                              common_pb::Need need, bool agreed = true);
  static pb::Agreement& AgreeToWeeklyCalls(pb::RecordCallRequest& record, const std::string& tenant,
                                           bool agreed = true);
  absl::StatusOr<pb::RecordCallResponse> Send(const pb::RecordCallRequest& request,
                                              const std::string& subject = "vo-1");

  pb::CampaignReport Report(const std::string& campaign);
  absl::StatusOr<pb::ExplainHouseholdResponse> Explain(const std::string& campaign,
                                                       const std::string& household);

  // Says who calls; for calls that Call does not make, which are streams.
  static void Identify(grpc::ClientContext& context, const Identity& identity);
  // What SIGTERM does.
  void Drain();

  const std::string& address() const;
  static std::string NewId() { return ids::Uuid::Random().ToString(); }
  std::string Value(const std::string& sql) { return test_database_.Value(sql); }

  const std::string landlord_ = NewId();
  const std::string other_landlord_ = NewId();
  testing::TestDatabase test_database_;
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
  // The service and its server, which the tests know by their address only.
  struct Running;
  std::unique_ptr<Running> running_;
};

// The fields that a BadRequest names, in order.
std::vector<std::string> FieldsOf(const absl::Status& status);

}  // namespace veille::call_tracking
