#include "veillectl/commands/partner_changes.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veillectl/client/input.h"

namespace veille::veillectl {
namespace {

using Directory = referral::v1::PartnerDirectoryService::Stub;

void PrintChanged(const referral::v1::Partner& partner, std::ostream& out) {
  out << "Partner " << partner.name() << ": " << NameOf(partner.state());
  if (partner.suspension() != referral::v1::PARTNER_SUSPENSION_UNSPECIFIED) {
    out << " (" << NameOf(partner.suspension()) << ")";
  }
  out << ", takes " << NameOf(partner.intake()) << ", " << partner.open_referrals()
      << " open referrals of ";
  if (partner.capacity() == 0) {
    out << "any number\n";
  } else {
    out << partner.capacity() << "\n";
  }
}

template <typename Response>
absl::Status TellPartnerChange(const Session& session, const absl::StatusOr<Response>& response) {
  RETURN_IF_ERROR(response.status());
  session.Print(*response, [&](std::ostream& out) { PrintChanged(response->partner(), out); });
  return absl::OkStatus();
}

struct PartnerChangeUpdateArguments {
  std::string partner;
  std::string file;
  std::vector<std::string> fields;
};

absl::Status UpdatePartner(Session& session, const PartnerChangeUpdateArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::UpdatePartnerRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_partner()));
  request.set_request_id(session.RequestId());
  request.mutable_partner()->set_partner_id(arguments.partner);
  for (const std::string& field : arguments.fields) request.mutable_update_mask()->add_paths(field);
  return TellPartnerChange(session, referral.Call(&Directory::UpdatePartner, request));
}

struct CapacityArguments {
  std::string partner;
  std::string intake;
  int capacity = -1;
};

absl::Status SetCapacity(Session& session, const CapacityArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::SetCapacityRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(arguments.partner);
  request.set_intake(ValueOf<referral::v1::PartnerIntake>(arguments.intake));
  if (arguments.capacity >= 0) request.set_capacity(arguments.capacity);
  return TellPartnerChange(session, referral.Call(&Directory::SetCapacity, request));
}

absl::Status PausePartner(Session& session, const std::string& partner) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::PausePartnerRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(partner);
  return TellPartnerChange(session, referral.Call(&Directory::PausePartner, request));
}

absl::Status ResumePartner(Session& session, const std::string& partner) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::ResumePartnerRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(partner);
  return TellPartnerChange(session, referral.Call(&Directory::ResumePartner, request));
}

absl::Status Replay(Session& session, const std::string& partner, const std::string& from) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::ReplayDeliveriesRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(partner);
  ASSIGN_OR_RETURN(*request.mutable_from_time(), ParseMoment(from));
  ASSIGN_OR_RETURN(const referral::v1::ReplayDeliveriesResponse response,
                   referral.Call(&Directory::ReplayDeliveries, request));
  session.Print(response, [&](std::ostream& out) {
    out << response.deliveries() << (response.deliveries() == 1 ? " push" : " pushes")
        << " will be made again.\n";
  });
  return absl::OkStatus();
}

CLI::Option* AddPartner(CLI::App& command, std::string& partner) {
  return command.add_option("PARTNER", partner, "id of the partner")->required()->check(IsUuid());
}

void DeclarePartnerChangeUpdate(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("update", "Changes the registration of a partner");
  command->footer(R"(
FILE is the JSON of a veille.referral.v1.Partner with the new values; of it only what --field names
is taken: name, kind, coverage, endpoint, contact_phone, payload, capacity, channel, second_contact.

  echo '{"endpoint": "inbox.ccas.example:443"}' | veillectl partner update ID - --field endpoint)");
  const auto arguments = std::make_shared<PartnerChangeUpdateArguments>();
  AddPartner(*command, arguments->partner);
  command->add_option("FILE", arguments->file, "the new values; - is standard input")->required();
  command->add_option("--field", arguments->fields, "what changes; may be given several times")
      ->type_name("FIELD")
      ->required();
  session.On(command, [&session, arguments] { return UpdatePartner(session, *arguments); });
}

void DeclareCapacity(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("capacity", "Says whether a partner can take more");
  command->footer(R"(
INTAKE is open, waitlist (it gets what no other partner with room covers) or full (it gets nothing,
unless a coordinator chooses it). What it has stays with it.)");
  const auto arguments = std::make_shared<CapacityArguments>();
  AddPartner(*command, arguments->partner);
  command->add_option("INTAKE", arguments->intake, "open, waitlist or full")
      ->required()
      ->check(IsOneOf<referral::v1::PartnerIntake>());
  command->add_option("--most", arguments->capacity, "open referrals at most; 0 is no limit")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  session.On(command, [&session, arguments] { return SetCapacity(session, *arguments); });
}

void DeclareReplay(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("replay", "Pushes again what a partner was given since a time");
  command->footer(R"(
For a partner whose machine has lost its cases. Every push keeps its delivery id, so that what was not
lost is recognised there.)");
  const auto partner = std::make_shared<std::string>();
  const auto from = std::make_shared<std::string>();
  AddPartner(*command, *partner);
  command->add_option("--from", *from, "2020-03-17, or an RFC 3339 time")
      ->type_name("TIME")
      ->required();
  session.On(command, [&session, partner, from] { return Replay(session, *partner, *from); });
}

}  // namespace

void DeclarePartnerChanges(CLI::App& group, Session& session) {
  DeclarePartnerChangeUpdate(group, session);
  DeclareCapacity(group, session);
  CLI::App* pause =
      group.add_subcommand("pause", "Gives a partner nothing more and pushes nothing to it");
  const auto paused = std::make_shared<std::string>();
  AddPartner(*pause, *paused);
  session.On(pause, [&session, paused] { return PausePartner(session, *paused); });

  CLI::App* resume = group.add_subcommand(
      "resume", "Makes a partner active again: what waits for it is pushed at once");
  const auto resumed = std::make_shared<std::string>();
  AddPartner(*resume, *resumed);
  session.On(resume, [&session, resumed] { return ResumePartner(session, *resumed); });
  DeclareReplay(group, session);
}

}  // namespace veille::veillectl
