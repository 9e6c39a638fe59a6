#include "integration/audit_fixture.h"

#include <grpcpp/create_channel.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "common/access/caller.h"
#include "migrations/common.h"

namespace veille::audit {
namespace {

std::string TextOf(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string copy(text, static_cast<size_t>(length));
  BIO_free(bio);
  return copy;
}

}  // namespace

KeyPair NewKeyPair() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  BIO* secret = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(secret, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO* shown = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(shown, key);
  EVP_PKEY_free(key);
  return {TextOf(secret), TextOf(shown)};
}

AuditFixture::AuditFixture()
    : keys_(*Keys::FromPem(pair_.private_pem)),
      test_database_(migrations::common()),
      database_(*db::Database::Open(test_database_.options(4))),
      access_(*access::AccessTable::Build({AuditService::kFullName})) {
  Serve(options_);
}

AuditFixture::~AuditFixture() {
  server_->Drain();
  database_->Close();
}

void AuditFixture::Serve(const ChainerOptions& options) {
  if (server_ != nullptr) server_->Drain();
  server_.reset();
  served_options_ = options;
  environment_.reset(new AuditEnvironment{
      {*database_, clock_, access_, authenticator_, executor_, in_flight_}, served_options_});
  service_ = std::make_unique<AuditService>(*environment_);
  server_ = *rpc::Server::Start({"127.0.0.1:0", absl::Seconds(5)},
                                {{service_.get(), AuditService::kFullName}});
  stub_ = pb::AuditService::NewStub(
      grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
}

std::unique_ptr<Chainer> AuditFixture::StartLoop(absl::Duration interval) {
  ChainerOptions options = options_;
  options.interval = interval;
  options.erase_interval = interval;
  return std::make_unique<Chainer>(*database_, denials_, options);
}

void AuditFixture::Leave(ids::LandlordId landlord, const Look& look) {
  const absl::Status left = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(10), {landlord}), [&](db::WriteTx& tx) -> absl::Status {
        privacy::AppendAuditEvent(tx, {.landlord = landlord,
                                       .actor_role = "coordinator",
                                       .actor = look.actor,
                                       .method = look.method,
                                       .object_kind = "household",
                                       .object = look.object,
                                       .purpose = "welfare call",
                                       .household = look.household,
                                       .reason = look.reason});
        return absl::OkStatus();
      }));
  ASSERT_THAT(left, testing::IsOk());
}

void AuditFixture::Leave(ids::LandlordId landlord, int events) {
  for (int i = 0; i < events; ++i) Leave(landlord, Look{});
}

int AuditFixture::ChainOnce(const ChainerOptions& options) {
  const auto chained = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(10)),
      [&](db::WriteTx& tx) -> absl::StatusOr<int> { return ChainWaiting(tx, options); }));
  EXPECT_THAT(chained, testing::IsOk());
  return chained.value_or(0);
}

int AuditFixture::Chain() {
  int all = 0;
  while (const int chained = ChainOnce(options_)) all += chained;
  return all;
}

int64_t AuditFixture::Erase(absl::Duration keep) {
  ChainerOptions options = options_;
  options.keep = keep;
  const auto erased = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(10)),
      [&](db::WriteTx& tx) -> absl::StatusOr<int64_t> { return ErasePast(tx, options); }));
  EXPECT_THAT(erased, testing::IsOk());
  return erased.value_or(0);
}

void AuditFixture::Identify(grpc::ClientContext& context, ids::LandlordId landlord,
                            const std::string& role) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata(std::string(access::kRoleKey), role);
  context.AddMetadata(std::string(access::kSubjectKey), role == "service" ? "referral" : "dana");
  context.AddMetadata(std::string(access::kLandlordKey), landlord.ToString());
  if (role == "partner") {
    context.AddMetadata(std::string(access::kPartnerKey), ids::Uuid::Random().ToString());
  }
}

absl::StatusOr<pb::ListAuditEventsResponse> AuditFixture::List(
    ids::LandlordId landlord, const pb::ListAuditEventsRequest& request) {
  return Call(&pb::AuditService::Stub::ListAuditEvents, request, landlord);
}

pb::VerifyAuditTrailResponse AuditFixture::Verify(ids::LandlordId landlord,
                                                  const std::vector<pb::AuditHead>& known) {
  pb::VerifyAuditTrailResponse all;
  pb::VerifyAuditTrailRequest request;
  for (const pb::AuditHead& head : known) *request.add_known_heads() = head;
  int64_t verified = 0;
  do {
    const auto part = Call(&pb::AuditService::Stub::VerifyAuditTrail, request, landlord);
    EXPECT_THAT(part, testing::IsOk());
    if (!part.ok()) return all;
    verified += part->verified_events();
    request.set_page_token(part->next_page_token());
    all.MergeFrom(*part);
  } while (!request.page_token().empty());
  all.set_verified_events(verified);
  return all;
}

pb::AuditHead AuditFixture::HeadOf(ids::LandlordId landlord) {
  const auto head = Call(&pb::AuditService::Stub::GetAuditHead, {}, landlord);
  EXPECT_THAT(head, testing::IsOk());
  return head.ok() ? head->head() : pb::AuditHead();
}

}  // namespace veille::audit
