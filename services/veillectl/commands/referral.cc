#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::referral::v1;
using Referrals = pb::ReferralService::Stub;

struct ListArguments {
  std::string campaign;
  std::string assigned_to;
  std::vector<std::string> states;
};

// The one that counts.
std::string PartnerOf(const pb::Referral& referral) {
  if (referral.assignments().empty()) return "nobody";
  return referral.assignments(referral.assignments_size() - 1).partner_id();
}

absl::Status List(Session& session, const ListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  pb::ListReferralsRequest request;
  request.set_campaign_id(arguments.campaign);
  request.set_partner_id(arguments.assigned_to);
  for (const std::string& state : arguments.states) {
    request.add_states(ValueOf<common::v1::ReferralState>(state));
  }
  ASSIGN_OR_RETURN(const pb::ListReferralsResponse response,
                   connection.CallAllPages(&Referrals::ListReferrals, std::move(request)));
  session.Print(response, [&](std::ostream& out) {
    Table table({"REFERRAL", "STATE", "NEED", "URGENCY", "CREATED", "PARTNER"});
    for (const pb::Referral& referral : response.referrals()) {
      table.Add({referral.referral_id(), NameOf(referral.state()), NameOf(referral.need()),
                 NameOf(referral.urgency()), Moment(referral.create_time()), PartnerOf(referral)});
    }
    out << table;
  });
  return absl::OkStatus();
}

void PrintReferral(const pb::Referral& referral, std::ostream& out) {
  out << "Referral " << referral.referral_id() << " version " << referral.version()
      << "\n  state      " << NameOf(referral.state());
  if (referral.outcome() != common::v1::REFERRAL_OUTCOME_UNSPECIFIED) {
    out << ", " << NameOf(referral.outcome());
  }
  out << "\n  need       " << NameOf(referral.need()) << ", " << NameOf(referral.urgency())
      << ", in " << referral.commune_code() << "\n  household  " << referral.household_id()
      << "\n  campaign   " << referral.campaign_id() << "\n";
  if (!referral.words().empty()) out << "  words      " << referral.words() << "\n";
  if (referral.has_acknowledge_deadline_time()) {
    out << "  to accept  until " << Moment(referral.acknowledge_deadline_time()) << "\n";
  }
  if (referral.assignments().empty()) {
    out << "  assigned to nobody: see `veillectl worklist list`\n";
    return;
  }
  Table table({"FENCE", "STATE", "ASSIGNED", "RECEIVED", "ACCEPTED", "ENDED", "PARTNER"});
  for (const pb::Assignment& assignment : referral.assignments()) {
    table.Add({absl::StrCat(assignment.fence()), NameOf(assignment.state()),
               Moment(assignment.assign_time()), Moment(assignment.receive_time()),
               Moment(assignment.accept_time()), Moment(assignment.end_time()),
               assignment.partner_id()});
  }
  out << table;
}

absl::Status Show(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection connection, session.Referral("coordinator"));
  pb::GetReferralRequest request;
  request.set_referral_id(id);
  ASSIGN_OR_RETURN(const pb::GetReferralResponse response,
                   connection.Call(&Referrals::GetReferral, request));
  session.Print(response, [&](std::ostream& out) { PrintReferral(response.referral(), out); });
  return absl::OkStatus();
}

}  // namespace

void DeclareReferral(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("referral", "Cases that were handed to partners");
  group->require_subcommand(1);
  CLI::App* list = group->add_subcommand("list", "Lists referrals, newest first");
  const auto arguments = std::make_shared<ListArguments>();
  list->add_option("--campaign", arguments->campaign, "only those of this campaign")
      ->type_name("ID")
      ->check(IsUuid());
  list->add_option("--assigned-to", arguments->assigned_to, "only those of this partner")
      ->type_name("ID")
      ->check(IsUuid());
  list->add_option("--state", arguments->states, "only these states, such as accepted")
      ->type_name("STATE")
      ->check(IsOneOf<common::v1::ReferralState>());
  session.On(list, [&session, arguments] { return List(session, *arguments); });

  CLI::App* show = group->add_subcommand("show", "Shows a referral and who has it");
  const auto id = std::make_shared<std::string>();
  show->add_option("REFERRAL", *id, "id of the referral")->required()->check(IsUuid());
  session.On(show, [&session, id] { return Show(session, *id); });
}

}  // namespace veille::veillectl
