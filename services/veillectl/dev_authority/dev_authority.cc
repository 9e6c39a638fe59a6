#include "veillectl/dev_authority/dev_authority.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/access/caller.h"
#include "common/status/macros.h"
#include "veillectl/dev_authority/audit_key.h"
#include "veillectl/dev_authority/replace_file.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::common::v1;

constexpr std::string_view kAudience = "veille";
// Machines of one room differ by that much.
constexpr absl::Duration kSkew = absl::Minutes(1);

std::string PathIn(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " cannot be read; veillectl dev-certs makes it"));
  }
  return content;
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(folder, " cannot be made: ", error.message()));
}

absl::Status WriteTokenKeys(const std::string& folder, const tokens::SigningKey& key) {
  ASSIGN_OR_RETURN(const std::string secret, key.ToPem());
  RETURN_IF_ERROR(ReplaceFile(PathIn(folder, "tokens.key"), secret, Readers::kOwner));
  RETURN_IF_ERROR(
      ReplaceFile(PathIn(folder, "tokens.jwks"), tokens::PublicJwks({key}), Readers::kEverybody));
  // From this file's folder on, so that the folder can be mounted elsewhere.
  const nlohmann::json issuers = nlohmann::json::array(
      {{{"issuer", kDevIssuer}, {"audience", kAudience}, {"keys", "tokens.jwks"}}});
  return ReplaceFile(PathIn(folder, "issuers.json"), issuers.dump(2) + "\n", Readers::kEverybody);
}

absl::Status WriteAuditKey(const std::string& folder) {
  ASSIGN_OR_RETURN(const AuditKey key, NewAuditKey());
  RETURN_IF_ERROR(ReplaceFile(PathIn(folder, "audit.key"), key.secret, Readers::kOwner));
  return ReplaceFile(PathIn(folder, "audit.pub"), key.open, Readers::kEverybody);
}

absl::Status WriteCertificate(const std::string& folder, const std::string& name,
                              const KeyedCertificate& issued) {
  RETURN_IF_ERROR(ReplaceFile(PathIn(folder, name + ".key"), issued.key, Readers::kOwner));
  return ReplaceFile(PathIn(folder, name + ".pem"), issued.certificate, Readers::kEverybody);
}

absl::Status RefusedGrant(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("no service would take such a token: ", why));
}

absl::Status CheckGrant(const std::string& role, const std::string& subject,
                        const std::string& landlord, const std::string& partner) {
  const access::Role known = access::ParseRole(role);
  if (known == pb::ROLE_UNSPECIFIED || known == pb::ROLE_SERVICE) {
    return RefusedGrant("the role is volunteer, coordinator, dpo, operator or partner");
  }
  if (subject.empty()) return RefusedGrant("it names no subject");
  const bool everywhere = known == pb::ROLE_OPERATOR;
  if (everywhere && !landlord.empty()) return RefusedGrant("an operator belongs to no landlord");
  if (!everywhere && !ids::LandlordId::Parse(landlord).has_value()) {
    return RefusedGrant("it names no landlord");
  }
  const bool of_partner = known == pb::ROLE_PARTNER;
  if (!of_partner && !partner.empty()) return RefusedGrant("only the role partner names a partner");
  if (of_partner && !ids::PartnerId::Parse(partner).has_value()) {
    return RefusedGrant("it names no partner");
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& DevPrograms() {
  static const auto* const programs =
      new std::vector<std::string>{"tenant-registry", "call-tracking", "referral", "edge"};
  return *programs;
}

Leaf DevLeaf(const std::string& name, const std::string& path) {
  const absl::Time now = absl::Now();
  return Leaf{.name = name,
              .uris = {absl::StrCat("spiffe://", kDevTrustDomain.data(), "/", path)},
              .hosts = {"localhost", name},
              .addresses = {"127.0.0.1", "::1"},
              .begins = now - kSkew,
              .ends = now + kLeafLifetime};
}

DevAuthority::DevAuthority(std::string folder, CertificateAuthority certificates,
                           tokens::SigningKey tokens)
    : folder_(std::move(folder)),
      certificates_(std::move(certificates)),
      tokens_(std::move(tokens)) {}

bool DevAuthority::Exists(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(PathIn(folder, "authority.pem"), ignored) ||
         std::filesystem::exists(PathIn(folder, "authority.key"), ignored);
}

absl::StatusOr<DevAuthority> DevAuthority::Create(const std::string& folder) {
  if (Exists(folder)) {
    return absl::AlreadyExistsError(absl::StrCat("there is an authority in ", folder));
  }
  return Replace(folder);
}

absl::StatusOr<DevAuthority> DevAuthority::Replace(const std::string& folder) {
  RETURN_IF_ERROR(MakeFolder(folder));
  const absl::Time now = absl::Now();
  ASSIGN_OR_RETURN(auto certificates,
                   CertificateAuthority::Generate("Veille development authority", now - kSkew,
                                                  now + kAuthorityLifetime));
  ASSIGN_OR_RETURN(const KeyedCertificate own, certificates.ToPem());
  RETURN_IF_ERROR(WriteCertificate(folder, "authority", own));
  ASSIGN_OR_RETURN(auto tokens, tokens::SigningKey::Generate(tokens::Algorithm::kEs256));
  RETURN_IF_ERROR(WriteTokenKeys(folder, tokens));
  RETURN_IF_ERROR(WriteAuditKey(folder));
  DevAuthority made(folder, std::move(certificates), std::move(tokens));
  RETURN_IF_ERROR(made.RenewPrograms());
  return made;
}

absl::StatusOr<DevAuthority> DevAuthority::Open(const std::string& folder) {
  KeyedCertificate own;
  ASSIGN_OR_RETURN(own.certificate, ReadFile(PathIn(folder, "authority.pem")));
  ASSIGN_OR_RETURN(own.key, ReadFile(PathIn(folder, "authority.key")));
  auto certificates = CertificateAuthority::FromPem(own);
  if (!certificates.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("authority.pem and authority.key in ", folder,
                                                   " are no certificate and its key"));
  }
  ASSIGN_OR_RETURN(const std::string token_key, ReadFile(PathIn(folder, "tokens.key")));
  auto tokens = tokens::SigningKey::FromPem(token_key);
  if (!tokens.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("tokens.key in ", folder, " is no key"));
  }
  return DevAuthority(folder, *std::move(certificates), *std::move(tokens));
}

absl::Status DevAuthority::IssueTo(const std::string& name, const Leaf& leaf) const {
  ASSIGN_OR_RETURN(const KeyedCertificate issued, certificates_.Issue(leaf));
  return WriteCertificate(folder_, name, issued);
}

absl::Status DevAuthority::RenewPrograms() const {
  for (const std::string& program : DevPrograms()) {
    const std::string kind = program == "edge" ? "edge" : "service";
    RETURN_IF_ERROR(IssueTo(program, DevLeaf(program, absl::StrCat(kind, "/", program))));
  }
  return absl::OkStatus();
}

absl::Status DevAuthority::IssuePartner(const ids::LandlordId& landlord,
                                        const ids::PartnerId& partner) const {
  const std::string name = absl::StrCat("partner-", partner.ToString());
  return IssueTo(name, DevLeaf(name, absl::StrCat("landlord/", landlord.ToString(), "/partner/",
                                                  partner.ToString())));
}

absl::StatusOr<std::string> DevAuthority::Token(const std::string& role, const std::string& subject,
                                                const std::string& landlord,
                                                const std::string& partner,
                                                absl::Duration lifetime) const {
  RETURN_IF_ERROR(CheckGrant(role, subject, landlord, partner));
  if (lifetime < absl::Seconds(1) || lifetime > kLongestToken) {
    return RefusedGrant("it lives a second at least and 12 hours at most");
  }
  return tokens::Mint(tokens_, tokens::MintedClaims{.issuer = std::string(kDevIssuer),
                                                    .audience = std::string(kAudience),
                                                    .subject = subject,
                                                    .roles = {role},
                                                    .landlord = landlord,
                                                    .partner = partner,
                                                    .issued = absl::Now(),
                                                    .lifetime = lifetime});
}

tls::Files DevAuthority::FilesOf(const std::string& name) const {
  tls::Files files{.authority = Path("authority.pem")};
  if (name.empty()) return files;
  files.certificate = Path(name + ".pem");
  files.key = Path(name + ".key");
  return files;
}

std::string DevAuthority::Path(const std::string& name) const { return PathIn(folder_, name); }

}  // namespace veille::veillectl
