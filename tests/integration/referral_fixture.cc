#include "integration/referral_fixture.h"

#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/async/executor.h"
#include "common/outbox/relay.h"
#include "common/rpc/in_flight.h"
#include "common/rpc/reason.h"
#include "referral/referral_server.h"
#include "referral/relay/referral_updates.h"
#include "referral/store/update_outbox.h"

namespace veille::referral {
namespace {

std::unique_ptr<grpc::Server> Listen(grpc::Service& service, std::string& address) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  address = absl::StrCat("127.0.0.1:", port);
  return server;
}

}  // namespace

FakeInbox::FakeInbox(const std::string& address)
    : answer_([](const auto&, auto& response) {
        response.set_receipt_number("R-1");
        return grpc::Status::OK;
      }),
      address_(address),
      server_(Listen(*this, address_)) {}

FakeInbox::~FakeInbox() { server_->Shutdown(std::chrono::system_clock::now()); }

void FakeInbox::SetAnswer(Answer answer) {
  absl::MutexLock lock(&mutex_);
  answer_ = std::move(answer);
}

void FakeInbox::SetTrailer(const std::string& key, const std::string& value) {
  absl::MutexLock lock(&mutex_);
  trailer_ = {key, value};
}

std::vector<partner_pb::DeliverReferralRequest> FakeInbox::notices() const {
  absl::MutexLock lock(&mutex_);
  return notices_;
}

int FakeInbox::most_at_once() const {
  absl::MutexLock lock(&mutex_);
  return most_at_once_;
}

grpc::Status FakeInbox::DeliverReferral(grpc::ServerContext* context,
                                        const partner_pb::DeliverReferralRequest* request,
                                        partner_pb::DeliverReferralResponse* response) {
  Answer answer;
  {
    absl::MutexLock lock(&mutex_);
    notices_.push_back(*request);
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    answer = answer_;
    if (!trailer_.first.empty()) context->AddTrailingMetadata(trailer_.first, trailer_.second);
  }
  grpc::Status status = answer(*request, *response);
  absl::MutexLock lock(&mutex_);
  --at_once_;
  return status;
}

FakeIntake::FakeIntake() : address_("127.0.0.1:0"), server_(Listen(*this, address_)) {}
FakeIntake::~FakeIntake() { server_->Shutdown(std::chrono::system_clock::now()); }

std::vector<calls::v1::RecordReferralUpdateRequest> FakeIntake::updates() const {
  absl::MutexLock lock(&mutex_);
  return updates_;
}

std::vector<std::string> FakeIntake::landlords() const {
  absl::MutexLock lock(&mutex_);
  return landlords_;
}

grpc::Status FakeIntake::RecordReferralUpdate(grpc::ServerContext* context,
                                              const calls::v1::RecordReferralUpdateRequest* request,
                                              calls::v1::RecordReferralUpdateResponse* response) {
  absl::MutexLock lock(&mutex_);
  updates_.push_back(*request);
  const auto landlord = context->client_metadata().find("veille-landlord");
  landlords_.emplace_back(landlord->second.data(), landlord->second.size());
  response->set_applied(true);
  return grpc::Status::OK;
}

struct ReferralFixture::Running {
  explicit Running(ReferralFixture& test)
      : calls({test.intake_.address()}),
        changes(*test.database_, {.interval = absl::Milliseconds(20),
                                  .shortest_pause = absl::Milliseconds(5),
                                  .heartbeat = absl::Milliseconds(500)}),
        environment{
            .server = {*test.database_, test.clock_, access, authenticator, executor, in_flight},
            .seal = test.seal_,
            .endpoints = {.insecure_loopback = true},
            .web = test.web_,
            .changes = changes,
            .timers = timers,
            .drain = drain.get_token(),
            .wake_engine = [this] { Wake(); },
            .wake_relay = [] {}},
        server(*rpc::Server::Start({"127.0.0.1:0", absl::Seconds(5), drain}, services.All())) {}

  ~Running() {
    server->Drain();
    timers.Close();
    changes.Stop();
  }

  void Wake() {
    absl::MutexLock lock(&mutex);
    if (engine != nullptr) engine->Wake();
  }

  const access::AccessTable access = *access::AccessTable::Build(ServiceNames());
  const rpc::BelievingAuthenticator authenticator;
  async::Executor executor{1};
  rpc::InFlight in_flight{1024};
  CallsClient calls;
  std::unique_ptr<outbox::Relay> relay;
  const std::stop_source drain;
  async::Timers timers;
  ChangeFeed changes;
  absl::Mutex mutex;
  Engine* engine ABSL_GUARDED_BY(mutex) = nullptr;
  Environment environment;
  Services services{environment};
  std::unique_ptr<rpc::Server> server;
};

ReferralFixture::ReferralFixture(web::CallerOptions web)
    : test_database_(Schema()),
      database_(*db::Database::Open(test_database_.options(8))),
      clock_(absl::FromUnixSeconds(1585720800)),  // 1 April 2020, 08:00 in Paris
      web_(std::move(web)),
      running_(std::make_unique<Running>(*this)) {
  const auto channel = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  directory_ = pb::PartnerDirectoryService::NewStub(channel);
  referrals_ = pb::ReferralService::NewStub(channel);
  desk_ = partner_pb::PartnerDeskService::NewStub(channel);
}

ReferralFixture::~ReferralFixture() {
  running_.reset();
  web_.Close();
  database_->Close();
}

void ReferralFixture::Drain() { running_->server->Drain(); }

const std::string& ReferralFixture::address() const { return running_->server->address(); }

void ReferralFixture::Identify(grpc::ClientContext& context, const Identity& identity) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const auto add = [&context](std::string_view key, const std::string& value) {
    if (!value.empty()) context.AddMetadata(std::string(key), value);
  };
  add(access::kRoleKey, identity.role);
  add(access::kSubjectKey, identity.subject);
  add(access::kLandlordKey, identity.landlord);
  add(access::kPartnerKey, identity.partner);
  add(rpc::kReasonKey, rpc::EncodeReason(identity.reason));
}

pb::RegisterPartnerRequest ReferralFixture::Registration(const std::string& name) const {
  pb::RegisterPartnerRequest request;
  request.set_request_id(NewId());
  pb::Partner& partner = *request.mutable_partner();
  partner.set_name(name);
  partner.set_kind(pb::PARTNER_KIND_CCAS);
  partner.set_contact_phone("+33561000000");
  pb::Coverage& coverage = *partner.add_coverage();
  coverage.add_commune_codes("31555");
  coverage.add_needs(common_pb::NEED_MEALS);
  coverage.add_needs(common_pb::NEED_ADMIN);
  return request;
}

std::string ReferralFixture::Register(const std::string& name, const std::string& endpoint,
                                      int capacity, pb::PartnerPayload payload) {
  pb::RegisterPartnerRequest request = Registration(name);
  request.mutable_partner()->set_endpoint(endpoint);
  request.mutable_partner()->set_capacity(capacity);
  request.mutable_partner()->set_payload(payload);
  const auto registered =
      Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner, request, Coordinator());
  EXPECT_THAT(registered, testing::IsOk());
  return registered.ok() ? registered->partner().partner_id() : "";
}

pb::CreateReferralRequest ReferralFixture::Creation() const {
  pb::CreateReferralRequest request;
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_campaign_id(campaign_);
  request.set_household_id(NewId());
  request.set_tenant_id(NewId());
  request.set_commune_code("31555");
  request.set_time_zone("Europe/Paris");
  request.set_need(common_pb::NEED_MEALS);
  request.set_urgency(common_pb::URGENCY_ROUTINE);
  request.set_words("Ne peut plus sortir faire ses courses.");
  pb::SubjectAgreement& agreement = *request.mutable_basis()->mutable_agreement();
  agreement.set_text_version("2020-04");
  agreement.mutable_agree_time()->set_seconds(1585720000);
  pb::SharedContact& contact = *request.mutable_contact();
  contact.set_title("Mme");
  contact.set_family_name("Lefèvre");
  contact.set_given_name("Odette");
  contact.add_phones("+33561000001");
  contact.add_address_lines("12 rue des Lilas");
  contact.set_commune_name("Toulouse");
  return request;
}

absl::StatusOr<pb::CreateReferralResponse> ReferralFixture::Create(
    const pb::CreateReferralRequest& request) {
  return Call(referrals_, &pb::ReferralService::Stub::CreateReferral, request, CallTracking());
}

std::string ReferralFixture::CreateOne(
    const std::function<void(pb::CreateReferralRequest&)>& change) {
  pb::CreateReferralRequest request = Creation();
  if (change) change(request);
  const auto created = Create(request);
  EXPECT_THAT(created, testing::IsOk());
  return created.ok() ? created->referral_id() : "";
}

pb::Referral ReferralFixture::Read(const std::string& referral) {
  pb::GetReferralRequest request;
  request.set_referral_id(referral);
  const auto read =
      Call(referrals_, &pb::ReferralService::Stub::GetReferral, request, Coordinator());
  EXPECT_THAT(read, testing::IsOk());
  return read.ok() ? read->referral() : pb::Referral();
}

std::vector<pb::WorklistItem> ReferralFixture::Worklist(bool include_decided) {
  pb::ListWorklistRequest request;
  request.set_include_decided(include_decided);
  const auto listed =
      Call(referrals_, &pb::ReferralService::Stub::ListWorklist, request, Coordinator());
  EXPECT_THAT(listed, testing::IsOk());
  if (!listed.ok()) return {};
  return {listed->items().begin(), listed->items().end()};
}

pb::WorklistItem ReferralFixture::ItemOf(const std::string& referral, pb::WorklistReason reason) {
  for (const pb::WorklistItem& item : Worklist()) {
    if (item.referral_id() == referral && item.reason() == reason) return item;
  }
  ADD_FAILURE() << "no open item " << pb::WorklistReason_Name(reason);
  return {};
}

absl::StatusOr<pb::DecideWorklistItemResponse> ReferralFixture::Decide(
    const std::string& item, pb::WorklistDecision decision, const std::string& partner,
    const std::string& note) {
  pb::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  request.set_worklist_item_id(item);
  request.set_decision(decision);
  request.set_partner_id(partner);
  request.set_note(note);
  return Call(referrals_, &pb::ReferralService::Stub::DecideWorklistItem, request, Coordinator());
}

absl::StatusOr<partner_pb::AcceptReferralResponse> ReferralFixture::Accept(
    const std::string& partner, const std::string& referral, int64_t fence) {
  partner_pb::AcceptReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_assignment_fence(fence);
  return Call(desk_, &partner_pb::PartnerDeskService::Stub::AcceptReferral, request,
              PartnerOf(partner));
}

absl::StatusOr<partner_pb::DeclineReferralResponse> ReferralFixture::Decline(
    const std::string& partner, const std::string& referral, int64_t fence) {
  partner_pb::DeclineReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_assignment_fence(fence);
  request.set_reason(common_pb::DECLINE_REASON_NO_CAPACITY);
  request.set_note("Complet jusqu'à lundi.");
  return Call(desk_, &partner_pb::PartnerDeskService::Stub::DeclineReferral, request,
              PartnerOf(partner));
}

absl::StatusOr<partner_pb::StartReferralResponse> ReferralFixture::Start(
    const std::string& partner, const std::string& referral, int64_t fence) {
  partner_pb::StartReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_assignment_fence(fence);
  return Call(desk_, &partner_pb::PartnerDeskService::Stub::StartReferral, request,
              PartnerOf(partner));
}

absl::StatusOr<partner_pb::CloseReferralResponse> ReferralFixture::Close(
    const std::string& partner, const std::string& referral, int64_t fence,
    common_pb::ReferralOutcome outcome) {
  partner_pb::CloseReferralRequest request;
  request.set_request_id(NewId());
  request.set_referral_id(referral);
  request.set_assignment_fence(fence);
  request.set_outcome(outcome);
  request.set_note("Repas livrés chaque midi.");
  return Call(desk_, &partner_pb::PartnerDeskService::Stub::CloseReferral, request,
              PartnerOf(partner));
}

std::unique_ptr<Engine> ReferralFixture::StartEngine(EngineOptions options) {
  return std::make_unique<Engine>(
      *database_, seal_, clock_,
      Channels{{PartnerChannel::kGrpc, &channel_}, {PartnerChannel::kWebhook, &webhook_channel_}},
      std::move(options));
}

void ReferralFixture::WakeWith(Engine* engine) {
  absl::MutexLock lock(&running_->mutex);
  running_->engine = engine;
}

void ReferralFixture::StartRelay() {
  running_->relay = std::make_unique<outbox::Relay>(
      *database_,
      std::map<std::string, outbox::Topic>{{kUpdateTopic, UpdateSender(seal_, running_->calls)}},
      outbox::RelayOptions{.interval = absl::Milliseconds(20)});
}

}  // namespace veille::referral
