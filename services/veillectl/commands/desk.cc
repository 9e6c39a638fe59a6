#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::partner::v1;
using Desk = pb::PartnerDeskService::Stub;

struct CloseArguments {
  std::string referral;
  std::string outcome;
  std::string note_file;
};

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const pb::ListMyReferralsResponse response,
                   referral.CallAllPages(&Desk::ListMyReferrals, pb::ListMyReferralsRequest()));
  session.Print(response, [&](std::ostream& out) {
    Table table({"REFERRAL", "STATE", "NEED", "URGENCY", "ASSIGNED", "TO ACCEPT UNTIL"});
    for (const pb::PartnerCase& open : response.cases()) {
      table.Add({open.referral_id(), open.superseded() ? "superseded" : NameOf(open.state()),
                 NameOf(open.need()), NameOf(open.urgency()), Moment(open.assign_time()),
                 Moment(open.acknowledge_deadline_time())});
    }
    out << table;
  });
  return absl::OkStatus();
}

absl::StatusOr<pb::GetMyReferralResponse> Fetch(const Connection& referral, const std::string& id) {
  pb::GetMyReferralRequest request;
  request.set_referral_id(id);
  return referral.Call(&Desk::GetMyReferral, request);
}

void PrintCase(const pb::PartnerCase& open, std::ostream& out) {
  out << "Referral " << open.referral_id() << "\n  state   "
      << (open.superseded() ? "superseded" : NameOf(open.state()));
  if (open.outcome() != common::v1::REFERRAL_OUTCOME_UNSPECIFIED) {
    out << ", " << NameOf(open.outcome());
  }
  out << "\n  need    " << NameOf(open.need()) << ", " << NameOf(open.urgency()) << "\n";
  if (!open.words().empty()) out << "  words   " << open.words() << "\n";
  if (!open.has_person()) return;
  const pb::CasePerson& person = open.person();
  out << "  person  " << person.title() << " " << person.given_name() << " " << person.family_name()
      << "\n";
  for (const std::string& phone : person.phones()) out << "  phone   " << phone << "\n";
  for (const std::string& line : person.address_lines()) out << "  at      " << line << "\n";
  out << "          " << person.commune_name() << "\n";
}

absl::Status Show(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const pb::GetMyReferralResponse response, Fetch(referral, id));
  session.Print(response, [&](std::ostream& out) { PrintCase(response.partner_case(), out); });
  return absl::OkStatus();
}

absl::Status Accept(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const pb::GetMyReferralResponse fetched, Fetch(referral, id));
  pb::AcceptReferralRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(id);
  request.set_assignment_fence(fetched.partner_case().assignment_fence());
  ASSIGN_OR_RETURN(const pb::AcceptReferralResponse response,
                   referral.Call(&Desk::AcceptReferral, request));
  session.Print(response, [&](std::ostream& out) { PrintCase(response.partner_case(), out); });
  return absl::OkStatus();
}

absl::Status Close(Session& session, const CloseArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const pb::GetMyReferralResponse fetched, Fetch(referral, arguments.referral));
  pb::CloseReferralRequest request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(arguments.referral);
  request.set_assignment_fence(fetched.partner_case().assignment_fence());
  request.set_outcome(ValueOf<common::v1::ReferralOutcome>(arguments.outcome));
  if (!arguments.note_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(arguments.note_file));
  }
  ASSIGN_OR_RETURN(const pb::CloseReferralResponse response,
                   referral.Call(&Desk::CloseReferral, request));
  session.Print(response, [&](std::ostream& out) { PrintCase(response.partner_case(), out); });
  return absl::OkStatus();
}

void DeclareClose(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("close", "Closes an accepted case with its outcome");
  const auto arguments = std::make_shared<CloseArguments>();
  command->add_option("REFERRAL", arguments->referral, "id of the referral")
      ->required()
      ->check(IsUuid());
  command->add_option("--outcome", arguments->outcome, "what became of it, such as helped")
      ->type_name("OUTCOME")
      ->required()
      ->check(IsOneOf<common::v1::ReferralOutcome>());
  command->add_option("--note-file", arguments->note_file, "more about it; - is standard input")
      ->type_name("FILE");
  session.On(command, [&session, arguments] { return Close(session, *arguments); });
}

}  // namespace

void DeclareDesk(CLI::App& app, Session& session) {
  CLI::App* group =
      app.add_subcommand("desk", "A partner's work on the cases it was given (needs --partner)");
  group->require_subcommand(1);
  session.On(group->add_subcommand("list", "Lists the partner's cases, newest first"),
             [&session] { return List(session); });
  const auto id = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Shows whom to help, and with what");
  show->add_option("REFERRAL", *id, "id of the referral")->required()->check(IsUuid());
  session.On(show, [&session, id] { return Show(session, *id); });
  CLI::App* accept = group->add_subcommand("accept", "Accepts a case");
  accept->add_option("REFERRAL", *id, "id of the referral")->required()->check(IsUuid());
  session.On(accept, [&session, id] { return Accept(session, *id); });
  DeclareClose(*group, session);
}

}  // namespace veille::veillectl
