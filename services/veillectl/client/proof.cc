#include "veillectl/client/proof.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/access/caller.h"
#include "common/config/secret_file.h"
#include "common/status/macros.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kTokenLifetime = absl::Hours(1);
constexpr absl::Duration kRenewal = absl::Minutes(50);  // after which a new one is made

void AddMetadata(grpc::ClientContext& context, std::string_view key, const std::string& value) {
  if (!value.empty()) context.AddMetadata(std::string(key), value);
}

// gRPC sends such a token on a protected channel only.
void AddToken(grpc::ClientContext& context, const Identity& identity, const std::string& token) {
  context.set_credentials(grpc::AccessTokenCredentials(token));
  AddMetadata(context, access::kRoleKey, identity.role);
}

}  // namespace

absl::Status ClaimedIdentity::Attach(const Identity& identity, grpc::ClientContext& context) const {
  AddMetadata(context, access::kRoleKey, identity.role);
  AddMetadata(context, access::kSubjectKey, identity.subject);
  AddMetadata(context, access::kLandlordKey, identity.landlord);
  AddMetadata(context, access::kPartnerKey, identity.partner);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Proof>> TokenOrCertificate::Open(
    const tls::Files& files, const std::string& token_file) {
  ASSIGN_OR_RETURN(auto credentials, tls::ChannelCredentials(files));
  if (!token_file.empty()) RETURN_IF_ERROR(config::ReadSecretFile(token_file).status());
  return std::shared_ptr<const Proof>(new TokenOrCertificate(std::move(credentials), token_file));
}

absl::Status TokenOrCertificate::Attach(const Identity& identity,
                                        grpc::ClientContext& context) const {
  if (token_file_.empty()) {
    AddMetadata(context, access::kLandlordKey, identity.landlord);  // only a service can choose it
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string token, config::ReadSecretFile(token_file_));
  AddToken(context, identity, token);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Proof>> DevIdentity::Open(const std::string& folder) {
  ASSIGN_OR_RETURN(DevAuthority authority, DevAuthority::Open(folder));
  ASSIGN_OR_RETURN(auto credentials, tls::ChannelCredentials(authority.FilesOf("")));
  return std::shared_ptr<const Proof>(
      new DevIdentity(std::move(authority), std::move(credentials)));
}

absl::Status DevIdentity::Attach(const Identity& identity, grpc::ClientContext& context) const {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  Minted& minted = tokens_[{identity.role, identity.subject, identity.landlord, identity.partner}];
  if (minted.token.empty() || minted.renewal <= now) {
    ASSIGN_OR_RETURN(minted.token,
                     authority_.Token(identity.role, identity.subject, identity.landlord,
                                      identity.partner, kTokenLifetime));
    minted.renewal = now + kRenewal;
  }
  AddToken(context, identity, minted.token);
  return absl::OkStatus();
}

}  // namespace veille::veillectl
