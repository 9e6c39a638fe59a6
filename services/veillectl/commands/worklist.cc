#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::referral::v1;
using Referrals = pb::ReferralService::Stub;

struct DecideArguments {
  std::string item;
  std::string decision;
  std::string to;
  std::string note_file;
};

absl::Status List(Session& session, bool all) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  pb::ListWorklistRequest request;
  request.set_include_decided(all);
  ASSIGN_OR_RETURN(const pb::ListWorklistResponse response,
                   referral.CallAllPages(&Referrals::ListWorklist, std::move(request)));
  session.Print(response, [&](std::ostream& out) {
    if (response.items().empty()) {
      out << "Nothing waits for a decision.\n";
      return;
    }
    Table table({"ITEM", "WHY", "URGENCY", "NEED", "COMMUNE", "SINCE", "DECIDED", "REFERRAL"});
    for (const pb::WorklistItem& item : response.items()) {
      table.Add({item.worklist_item_id(), NameOf(item.reason()), NameOf(item.urgency()),
                 NameOf(item.need()), item.commune_code(), Moment(item.create_time()),
                 NameOf(item.decision()), item.referral_id()});
    }
    out << table;
  });
  return absl::OkStatus();
}

absl::Status Decide(Session& session, const DecideArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  pb::DecideWorklistItemRequest request;
  request.set_request_id(session.RequestId());
  request.set_worklist_item_id(arguments.item);
  request.set_decision(ValueOf<pb::WorklistDecision>(arguments.decision));
  request.set_partner_id(arguments.to);
  if (!arguments.note_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(arguments.note_file));
  }
  ASSIGN_OR_RETURN(const pb::DecideWorklistItemResponse response,
                   referral.Call(&Referrals::DecideWorklistItem, request));
  session.Print(response, [&](std::ostream& out) {
    out << "Decided: " << NameOf(response.item().decision()) << "; the referral is now "
        << NameOf(response.referral().state()) << "\n";
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareWorklist(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("worklist", "What waits for a coordinator");
  group->require_subcommand(1);
  CLI::App* list = group->add_subcommand("list", "Lists it, the most urgent first");
  const auto all = std::make_shared<bool>(false);
  list->add_flag("--all", *all, "what is decided too");
  session.On(list, [&session, all] { return List(session, *all); });

  CLI::App* decide = group->add_subcommand("decide", "Decides about an item");
  decide->footer(
      "\nassign gives the referral to the partner of --to; retry looks for a covering partner\n"
      "again; cancel withdraws it and needs a note; seen leaves it as it is.");
  const auto arguments = std::make_shared<DecideArguments>();
  decide->add_option("ITEM", arguments->item, "id of the item")->required()->check(IsUuid());
  decide->add_option("DECISION", arguments->decision, "assign, retry, cancel or seen")
      ->required()
      ->check(IsOneOf<pb::WorklistDecision>());
  decide->add_option("--to", arguments->to, "the partner, for assign")
      ->type_name("ID")
      ->check(IsUuid());
  decide->add_option("--note-file", arguments->note_file, "why, in a file; - is standard input")
      ->type_name("FILE");
  session.On(decide, [&session, arguments] { return Decide(session, *arguments); });
}

}  // namespace veille::veillectl
