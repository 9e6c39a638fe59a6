#pragma once

// The referral service in this process, over a database of its own, called through its real
// address; and the two sides that it calls: partners' inboxes and call-tracking.

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/ids/uuid.h"
#include "common/privacy/seal.h"
#include "common/rpc/status.h"
#include "common/web/caller.h"
#include "referral/delivery/channel_grpc.h"
#include "referral/delivery/channel_webhook.h"
#include "referral/delivery/engine.h"
#include "testing/fake_clock.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::referral {

namespace common_pb = ::veille::common::v1;
namespace partner_pb = ::veille::partner::v1;
namespace pb = ::veille::referral::v1;

// Who calls, as metadata says it.
struct Identity {
  std::string role;
  std::string subject;
  std::string landlord;
  std::string partner = {};
  std::string reason = "a test looks at its own referral";  // of looks outside their own work
};

// A partner's machine. `answer` decides how a push ends; it may block.
class FakeInbox final : public partner_pb::ReferralInboxService::Service {
 public:
  using Answer = std::function<grpc::Status(const partner_pb::DeliverReferralRequest&,
                                            partner_pb::DeliverReferralResponse&)>;
  // On `address`, or on a free port.
  explicit FakeInbox(const std::string& address = "127.0.0.1:0");
  ~FakeInbox() override;

  const std::string& address() const { return address_; }
  void SetAnswer(Answer answer);
  // What every answer carries in its trailing metadata from now on.
  void SetTrailer(const std::string& key, const std::string& value);
  std::vector<partner_pb::DeliverReferralRequest> notices() const;
  int most_at_once() const;

  grpc::Status DeliverReferral(grpc::ServerContext* context,
                               const partner_pb::DeliverReferralRequest* request,
                               partner_pb::DeliverReferralResponse* response) override;

 private:
  mutable absl::Mutex mutex_;
  std::vector<partner_pb::DeliverReferralRequest> notices_ ABSL_GUARDED_BY(mutex_);
  Answer answer_ ABSL_GUARDED_BY(mutex_);
  std::pair<std::string, std::string> trailer_ ABSL_GUARDED_BY(mutex_);
  int at_once_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_at_once_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

// call-tracking's intake.
class FakeIntake final : public calls::v1::IntakeService::Service {
 public:
  FakeIntake();
  ~FakeIntake() override;
  const std::string& address() const { return address_; }
  std::vector<calls::v1::RecordReferralUpdateRequest> updates() const;
  std::vector<std::string> landlords() const;

  grpc::Status RecordReferralUpdate(grpc::ServerContext* context,
                                    const calls::v1::RecordReferralUpdateRequest* request,
                                    calls::v1::RecordReferralUpdateResponse* response) override;

 private:
  mutable absl::Mutex mutex_;
  std::vector<calls::v1::RecordReferralUpdateRequest> updates_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> landlords_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

class ReferralFixture : public ::testing::Test {
 protected:
  // `web`: where webhooks may be; the internet unless told otherwise.
  explicit ReferralFixture(web::CallerOptions web = {});
  ~ReferralFixture() override;

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

  static void Identify(grpc::ClientContext& context, const Identity& identity);

  Identity Coordinator() const { return {"coordinator", "co-1", landlord_}; }
  Identity CallTracking() const { return {"service", "call-tracking", landlord_}; }
  Identity PartnerOf(const std::string& partner) const {
    return {"partner", "agent-7", landlord_, partner};
  }
  Identity OfOtherLandlord(Identity identity) const {
    identity.landlord = other_landlord_;
    return identity;
  }

  // A registered partner's id. Covers MEALS and ADMIN in 31555 unless told otherwise.
  std::string Register(const std::string& name, const std::string& endpoint = "", int capacity = 0,
                       pb::PartnerPayload payload = pb::PARTNER_PAYLOAD_THIN);
  pb::RegisterPartnerRequest Registration(const std::string& name) const;

  // A request that is in order: MEALS, ROUTINE, in 31555, of a new tenant.
  pb::CreateReferralRequest Creation() const;
  absl::StatusOr<pb::CreateReferralResponse> Create(const pb::CreateReferralRequest& request);
  // Creates one and gives its id.
  std::string CreateOne(const std::function<void(pb::CreateReferralRequest&)>& change = nullptr);

  pb::Referral Read(const std::string& referral);
  std::vector<pb::WorklistItem> Worklist(bool include_decided = false);
  pb::WorklistItem ItemOf(const std::string& referral, pb::WorklistReason reason);
  absl::StatusOr<pb::DecideWorklistItemResponse> Decide(const std::string& item,
                                                        pb::WorklistDecision decision,
                                                        const std::string& partner = "",
                                                        const std::string& note = "");

  absl::StatusOr<partner_pb::AcceptReferralResponse> Accept(const std::string& partner,
                                                            const std::string& referral,
                                                            int64_t fence = 1);
  absl::StatusOr<partner_pb::DeclineReferralResponse> Decline(const std::string& partner,
                                                              const std::string& referral,
                                                              int64_t fence = 1);
  absl::StatusOr<partner_pb::StartReferralResponse> Start(const std::string& partner,
                                                          const std::string& referral,
                                                          int64_t fence = 1);
  absl::StatusOr<partner_pb::CloseReferralResponse> Close(
      const std::string& partner, const std::string& referral, int64_t fence = 1,
      common_pb::ReferralOutcome outcome = common_pb::REFERRAL_OUTCOME_HELPED);

  // The loops are started by the tests that are about them; the others see the rows as the handlers
  // leave them. Only a polling engine: a test of the wake-up gives its engine to WakeWith.
  std::unique_ptr<Engine> StartEngine(EngineOptions options = {.interval = absl::Milliseconds(20)});
  void WakeWith(Engine* engine);
  void StartRelay();
  // The server goes down, as it does on SIGTERM.
  void Drain();

  const std::string& address() const;
  static std::string NewId() { return ids::Uuid::Random().ToString(); }
  std::string Value(const std::string& sql) { return test_database_.Value(sql); }

  const std::string landlord_ = NewId();
  const std::string other_landlord_ = NewId();
  const std::string campaign_ = NewId();
  testing::TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
  testing::FakeClock clock_;
  const privacy::IdentitySeal seal_;
  FakeIntake intake_;
  web::Caller web_;
  WebhookChannel webhook_channel_{*database_, seal_, clock_, web_};
  GrpcChannel channel_{{.insecure_loopback = true}, PartnersInClearText(), web_};
  std::unique_ptr<pb::PartnerDirectoryService::Stub> directory_;
  std::unique_ptr<pb::ReferralService::Stub> referrals_;
  std::unique_ptr<partner_pb::PartnerDeskService::Stub> desk_;

 private:
  // The service and its server, which the tests know by their address only.
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace veille::referral
