#include "veillectl/commands/referral_changes.h"

#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/partner_names.h"
#include "veillectl/commands/referral_print.h"

namespace veille::veillectl {
namespace {

using Referrals = referral::v1::ReferralService::Stub;

template <typename Response>
absl::Status TellReferralChange(const Session& session, const Connection& connection,
                                const absl::StatusOr<Response>& response) {
  RETURN_IF_ERROR(response.status());
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(connection));
  session.Print(*response,
                [&](std::ostream& out) { PrintReferral(response->referral(), names, out); });
  return absl::OkStatus();
}

absl::Status Withdraw(Session& session, const std::string& referral, const std::string& file) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::WithdrawReferralRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(referral);
  ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(file));
  return TellReferralChange(session, connection,
                            connection.Call(&Referrals::WithdrawReferral, request));
}

absl::Status Reroute(Session& session, const std::string& referral, const std::string& partner) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::RerouteReferralRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(referral);
  request.set_partner_id(partner);
  return TellReferralChange(session, connection,
                            connection.Call(&Referrals::RerouteReferral, request));
}

absl::Status Redeliver(Session& session, const std::string& referral) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::RedeliverReferralRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(referral);
  return TellReferralChange(session, connection,
                            connection.Call(&Referrals::RedeliverReferral, request));
}

CLI::Option* AddReferral(CLI::App& command, std::string& referral) {
  return command.add_option("REFERRAL", referral, "id of the referral")
      ->required()
      ->check(IsUuid());
}

}  // namespace

void DeclareReferralChanges(CLI::App& group, Session& session) {
  CLI::App* withdraw =
      group.add_subcommand("withdraw", "Withdraws a referral; a partner that has it is told");
  const auto withdrawn = std::make_shared<std::string>();
  const auto note = std::make_shared<std::string>();
  AddReferral(*withdraw, *withdrawn);
  withdraw->add_option("--note-file", *note, "why, in a file; - is standard input")
      ->type_name("FILE")
      ->required();
  session.On(withdraw,
             [&session, withdrawn, note] { return Withdraw(session, *withdrawn, *note); });

  CLI::App* reroute =
      group.add_subcommand("reroute", "Gives a referral to another partner; who has it is told");
  const auto rerouted = std::make_shared<std::string>();
  const auto to = std::make_shared<std::string>();
  AddReferral(*reroute, *rerouted);
  reroute->add_option("--to", *to, "id of the partner; else the next that covers it")
      ->type_name("ID")
      ->check(IsUuid());
  session.On(reroute, [&session, rerouted, to] { return Reroute(session, *rerouted, *to); });

  CLI::App* redeliver = group.add_subcommand(
      "redeliver", "Pushes a referral once more to the partner that has it, at once");
  const auto redelivered = std::make_shared<std::string>();
  AddReferral(*redeliver, *redelivered);
  session.On(redeliver, [&session, redelivered] { return Redeliver(session, *redelivered); });
}

}  // namespace veille::veillectl
