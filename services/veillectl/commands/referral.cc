#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/partner_names.h"
#include "veillectl/commands/referral_answer.h"
#include "veillectl/commands/referral_changes.h"
#include "veillectl/commands/referral_print.h"
#include "veillectl/commands/referral_statement.h"
#include "veillectl/commands/referral_watch.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Referrals = referral::v1::ReferralService::Stub;

struct ReferralListArguments {
  std::string campaign;
  std::string assigned_to;
  std::vector<std::string> states;
  std::vector<std::string> communes;
  std::vector<std::string> urgencies;
  Paging paging;
};

absl::Status ListReferrals(Session& session, const ReferralListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::ListReferralsRequest request;
  request.set_campaign_id(arguments.campaign);
  request.set_partner_id(arguments.assigned_to);
  for (const std::string& state : arguments.states) {
    request.add_states(ValueOf<common::v1::ReferralState>(state));
  }
  for (const std::string& commune : arguments.communes) request.add_commune_codes(commune);
  for (const std::string& urgency : arguments.urgencies) {
    request.add_urgencies(ValueOf<common::v1::Urgency>(urgency));
  }
  ASSIGN_OR_RETURN(
      const referral::v1::ListReferralsResponse response,
      ListPages(connection, &Referrals::ListReferrals, std::move(request), arguments.paging));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(connection));
  session.Print(response, [&](std::ostream& out) {
    if (response.referrals().empty()) {
      out << "No such referral.\n";
      return;
    }
    Table table({"REFERRAL", "STATE", "NEED", "URGENCY", "COMMUNE", "CREATED", "TO ACCEPT UNTIL",
                 "PARTNER"});
    for (const referral::v1::Referral& referral : response.referrals()) {
      const bool waits = referral.state() == common::v1::REFERRAL_STATE_REQUESTED ||
                         referral.state() == common::v1::REFERRAL_STATE_RECEIVED;
      table.Add(
          {referral.referral_id(), NameOf(referral.state()), NameOf(referral.need()),
           NameOf(referral.urgency()), referral.commune_code(), Moment(referral.create_time()),
           waits ? Moment(referral.acknowledge_deadline_time()) : "-", PartnerOf(referral, names)});
    }
    out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

absl::Status ShowReferral(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  referral::v1::GetReferralRequest request;
  request.set_referral_id(id);
  ASSIGN_OR_RETURN(const referral::v1::GetReferralResponse response,
                   connection.Call(&Referrals::GetReferral, request));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(connection));
  session.Print(response, [&](std::ostream& out) {
    PrintReferral(response.referral(), names, out);
    if (!response.written_request().empty()) out << "\n" << response.written_request();
  });
  return absl::OkStatus();
}

void DeclareReferralList(CLI::App& group, Session& session) {
  CLI::App* list = group.add_subcommand("list", "Lists referrals, newest first");
  list->footer(R"(
States: requested (the partner's machine has not confirmed it), received (nobody there has accepted
it), accepted, in-progress, completed, rejected (declined, and nobody else found), cancelled, failed.
Filters may be given several times, and narrow each other down:

  veillectl referral list --state requested --state received --urgency emergency
  veillectl referral list --assigned-to <partner> --commune 31555 --limit 20

Following referrals is a coordinator's work; --as dpo it needs --reason.)");
  const auto arguments = std::make_shared<ReferralListArguments>();
  list->add_option("--campaign", arguments->campaign, "only those of this campaign")
      ->type_name("ID")
      ->check(IsUuid());
  list->add_option("--assigned-to", arguments->assigned_to,
                   "only those that this partner has, or had last")
      ->type_name("ID")
      ->check(IsUuid());
  list->add_option("--state", arguments->states, "only these states, such as accepted")
      ->type_name("STATE")
      ->check(IsOneOf<common::v1::ReferralState>());
  list->add_option("--commune", arguments->communes, "only these communes, such as 31555")
      ->type_name("INSEE");
  list->add_option("--urgency", arguments->urgencies, "only these: routine, priority, emergency")
      ->type_name("URGENCY")
      ->check(IsOneOf<common::v1::Urgency>());
  session.AddReason(*list);
  DeclarePaging(*list, arguments->paging);
  session.On(list, [&session, arguments] { return ListReferrals(session, *arguments); });
}

}  // namespace

void DeclareReferral(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("referral", "Cases that were handed to partners");
  group->require_subcommand(1);
  DeclareReferralList(*group, session);
  CLI::App* show = group->add_subcommand(
      "show", "Shows a referral, who has it, and how far it has come; needs --reason");
  const auto id = std::make_shared<std::string>();
  show->add_option("REFERRAL", *id, "id of the referral")->required()->check(IsUuid());
  session.AddReason(*show);
  session.On(show, [&session, id] { return ShowReferral(session, *id); });
  DeclareRecordAnswer(*group, session);
  DeclareReferralChanges(*group, session);
  DeclareReferralWatch(*group, session);
  DeclareReferralStatement(*group, session);
}

}  // namespace veille::veillectl
