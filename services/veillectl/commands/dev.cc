// The commands that stand in for an authority and a provider of identities while developing.

#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/commands/session.h"
#include "veillectl/dev_authority/dev_authority.h"

namespace veille::veillectl {
namespace {

struct CertificateArguments {
  std::string folder;
  std::vector<std::string> partners;
  bool force = false;
};

struct TokenArguments {
  std::string folder;
  std::string role;
  std::string subject;
  std::string landlord;
  std::string partner;
  std::string lifetime = "1h";
};

struct PartnerOfLandlord {
  ids::LandlordId landlord;
  ids::PartnerId partner;
};

// What is wrong in an argument or in the folder is for whoever typed it.
absl::Status AsUsage(const absl::Status& status) {
  return absl::IsInvalidArgument(status) ? UsageError(std::string(status.message())) : status;
}

absl::StatusOr<std::vector<PartnerOfLandlord>> ParsePartners(
    const std::vector<std::string>& texts) {
  std::vector<PartnerOfLandlord> partners;
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> halves =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    const auto landlord = ids::LandlordId::Parse(halves.first);
    const auto partner = ids::PartnerId::Parse(halves.second);
    if (!landlord.has_value() || !partner.has_value()) {
      return UsageError("--partner takes LANDLORD/PARTNER: two ids and a slash");
    }
    partners.push_back({*landlord, *partner});
  }
  return partners;
}

absl::StatusOr<DevAuthority> AuthorityOf(const CertificateArguments& arguments) {
  if (arguments.force) return DevAuthority::Replace(arguments.folder);
  if (!DevAuthority::Exists(arguments.folder)) return DevAuthority::Create(arguments.folder);
  ASSIGN_OR_RETURN(DevAuthority authority, DevAuthority::Open(arguments.folder));
  if (arguments.partners.empty()) RETURN_IF_ERROR(authority.RenewPrograms());
  return authority;
}

absl::Status MakeCertificates(const CertificateArguments& arguments) {
  ASSIGN_OR_RETURN(const auto partners, ParsePartners(arguments.partners));
  const auto authority = AuthorityOf(arguments);
  if (!authority.ok()) return AsUsage(authority.status());
  for (const auto& [landlord, partner] : partners) {
    RETURN_IF_ERROR(authority->IssuePartner(landlord, partner));
  }
  std::cout << "A local authority is in " << arguments.folder << ". A service takes it by:\n"
            << "  --tls-certificate " << authority->Path("<service>.pem") << " --tls-key "
            << authority->Path("<service>.key") << "\n  --tls-authority "
            << authority->Path("authority.pem") << " --issuers " << authority->Path("issuers.json")
            << "\n";
  return absl::OkStatus();
}

absl::Status PrintToken(const TokenArguments& arguments) {
  absl::Duration lifetime;
  if (!absl::ParseDuration(arguments.lifetime, &lifetime)) {
    return UsageError("--lifetime takes a duration such as 10m or 1h");
  }
  const auto authority = DevAuthority::Open(arguments.folder);
  if (!authority.ok()) return AsUsage(authority.status());
  const auto token = authority->Token(arguments.role, arguments.subject, arguments.landlord,
                                      arguments.partner, lifetime);
  if (!token.ok()) return AsUsage(token.status());
  std::cout << *token << "\n";
  return absl::OkStatus();
}

}  // namespace

void DeclareDevCertificates(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "dev-certs", "Makes a local authority, with certificates and keys, for development");
  command->footer(R"(
Makes in DIR:
  authority.pem and .key              signs the certificates; a year
  tenant-registry, call-tracking, referral, edge (.pem and .key)    90 days
  tokens.key, tokens.jwks, issuers.json     what dev-token signs with, and --issuers of a service
  audit.key and audit.pub                   signs heads of the audit trail

Run again, it renews the 90 days and keeps the rest; services that run take the new files up. With
--partner it adds partner-<PARTNER>.pem and .key, and touches nothing else. Not for production:
whoever reads DIR is everybody.)");
  const auto arguments = std::make_shared<CertificateArguments>();
  command->add_option("DIR", arguments->folder, "the folder; made when it is absent")->required();
  command->add_option("--partner", arguments->partners, "a certificate for one partner's machine")
      ->type_name("LANDLORD/PARTNER")
      ->allow_extra_args(false);
  command->add_flag("--force", arguments->force,
                    "a new authority and new keys in place of those that are there");
  session.On(command, [arguments] { return MakeCertificates(*arguments); });
}

void DeclareDevToken(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("dev-token", "Prints an access token, signed by a local authority");
  command->footer(R"(
The token is a secret until it expires: it goes to standard output alone.

  veillectl dev-token DIR --role volunteer --subject julie --landlord $VEILLE_LANDLORD)");
  const auto arguments = std::make_shared<TokenArguments>();
  command->add_option("DIR", arguments->folder, "what dev-certs made")->required();
  command->add_option("--role", arguments->role, "volunteer, coordinator, dpo, operator or partner")
      ->type_name("ROLE")
      ->required();
  command->add_option("--subject", arguments->subject, "who it is for")
      ->type_name("WHO")
      ->required();
  command->add_option("--landlord", arguments->landlord, "of all but operators")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--partner", arguments->partner, "of partners")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--lifetime", arguments->lifetime, "until it expires; 12h at most")
      ->type_name("DURATION")
      ->capture_default_str();
  session.On(command, [arguments] { return PrintToken(*arguments); });
}

}  // namespace veille::veillectl
