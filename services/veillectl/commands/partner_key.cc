#include "veillectl/commands/partner_key.h"

#include <map>
#include <memory>

#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

using Directory = referral::v1::PartnerDirectoryService::Stub;

const std::map<std::string, referral::v1::SigningAlgorithm> kAlgorithms = {
    {"hmac-sha256", referral::v1::SIGNING_ALGORITHM_HMAC_SHA256},
    {"ed25519", referral::v1::SIGNING_ALGORITHM_ED25519}};

absl::Status Rotate(Session& session, const std::string& partner,
                    referral::v1::SigningAlgorithm algorithm) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::RotatePartnerKeyRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(partner);
  request.set_algorithm(algorithm);
  ASSIGN_OR_RETURN(const referral::v1::RotatePartnerKeyResponse response,
                   referral.Call(&Directory::RotatePartnerKey, request));
  session.Print(response, [&](std::ostream& out) {
    PrintKey(response.signing_key(), out);
    if (response.has_previous_expire_time()) {
      out << "The key before signs as well until " << Moment(response.previous_expire_time())
          << ".\n";
    }
  });
  return absl::OkStatus();
}

}  // namespace

void PrintKey(const referral::v1::SigningKey& key, std::ostream& out) {
  if (key.key().empty()) return;
  out << "Key of its webhooks: " << key.key()
      << "\nIt is shown this once. Hand it to the partner alone, not by mail.\n";
}

std::shared_ptr<referral::v1::SigningAlgorithm> DeclareSigning(CLI::App& command) {
  const auto algorithm = std::make_shared<referral::v1::SigningAlgorithm>();
  command
      .add_option("--signing", *algorithm,
                  "how its webhooks are signed: hmac-sha256 (which every published library "
                  "verifies) or ed25519")
      ->type_name("ALGORITHM")
      ->transform(CLI::CheckedTransformer(kAlgorithms, CLI::ignore_case).description(""));
  return algorithm;
}

void DeclareRotateKey(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("rotate-key", "Gives a partner a new key for its webhooks");
  command->footer(R"(
What is posted to the partner is signed with both keys for 24 hours, so that it can put the new one
in at leisure. A partner that is to change from another channel to a webhook gets its first key so.)");
  const auto partner = std::make_shared<std::string>();
  command->add_option("PARTNER", *partner, "id of the partner")->required()->check(IsUuid());
  const auto algorithm = DeclareSigning(*command);
  session.On(command,
             [&session, partner, algorithm] { return Rotate(session, *partner, *algorithm); });
}

}  // namespace veille::veillectl
