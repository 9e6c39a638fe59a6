#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/partner_names.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Referrals = referral::v1::ReferralService::Stub;

constexpr char kWorklistItemListFooter[] = R"(
WHY an item is there, and what is usually decided:

  emergency         somebody is in danger       see to it, then: seen
  no-partner        nobody covers the need      assign to somebody by name; or register a partner,
                    in the commune              then: retry
  declined          the partner cannot take     assign, or retry once somebody else covers it
                    it, nor anybody else
  not-acknowledged  nobody there has accepted   telephone the partner, then: record-answer; or
                    in time                     assign
  not-delivered     its machine cannot be       telephone the partner, then: record-answer; or
                    reached                     retry once its machine is mended
  telephone-partner it has no machine, or its   telephone the partner, then: record-answer
                    second contact is to be
                    asked
  no-outcome        accepted long ago, and      telephone the partner, then: record-answer; or
                    nothing since               seen, and it comes back
  not-helped        closed without help         talk to the tenant, then: seen
  withdrawal-not-told
                    a partner does not know     telephone those listed below, then: seen
                    that it has it no more

Below the list stands whom to telephone, at which number and until when. `veillectl referral
record-answer` records what was answered, which takes the item off the list; when nobody was
reached, it stays, with the calls made so far.

MAY BE says what can be decided about each item now. A case that nobody has cannot be just seen: it
would be forgotten.)";

constexpr char kWorklistItemDecideFooter[] = R"(
  assign --to ID    gives the referral to that partner, beyond its capacity if need be; whoever has
                    it loses it
  retry             looks for a covering partner that was not asked yet; without one, pushes to the
                    partner that has it once more; not once somebody has accepted it
  cancel            withdraws the referral, for a reason that --note-file gives
  seen              leaves the referral as it is, and takes the item off the list

`veillectl worklist list --help` says which fits which item. What is refused says why and what else
can be decided (exit code 1).)";

struct ItemDecisionArguments {
  std::string item;
  std::string decision;
  std::string to;
  std::string note_file;
};

std::string PossibleOf(const referral::v1::WorklistItem& item) {
  return absl::StrJoin(item.possible_decisions(), ", ", [](std::string* text, int decision) {
    absl::StrAppend(text, NameOf(static_cast<referral::v1::WorklistDecision>(decision)));
  });
}

// The items that are done by telephoning whoever has the referral.
bool IsToTelephone(const referral::v1::WorklistItem& item) {
  if (item.telephone().empty()) return false;
  return item.reason() == referral::v1::WORKLIST_REASON_TELEPHONE_PARTNER ||
         item.reason() == referral::v1::WORKLIST_REASON_NOT_DELIVERED ||
         item.reason() == referral::v1::WORKLIST_REASON_NOT_ACKNOWLEDGED ||
         item.reason() == referral::v1::WORKLIST_REASON_NO_OUTCOME;
}

void PrintCallee(const referral::v1::WorklistItem& item, const PartnerNames& names,
                 std::ostream& out) {
  out << "  " << item.telephone() << "  " << names.Of(item.partner_id());
  if (!item.telephone_role().empty()) out << " (" << item.telephone_role() << ")";
  out << ": " << NameOf(item.need()) << ", " << NameOf(item.urgency()) << ", in "
      << item.commune_code();
  if (item.has_acknowledge_deadline_time()) {
    out << ", to accept until " << Moment(item.acknowledge_deadline_time());
  }
  if (item.calls_not_reached() > 0) {
    out << "; not reached " << item.calls_not_reached()
        << (item.calls_not_reached() == 1 ? " time, at " : " times, last at ")
        << Moment(item.last_not_reached_time());
  }
  out << "\n    veillectl referral record-answer " << item.referral_id() << " --fence "
      << item.assignment_fence() << " ANSWER --who-file FILE\n";
}

// Whom to telephone: each referral once, whatever speaks of it.
void PrintCallees(const referral::v1::ListWorklistResponse& response, const PartnerNames& names,
                  std::ostream& out) {
  std::set<std::string> printed;
  for (const referral::v1::WorklistItem& item : response.items()) {
    if (!IsToTelephone(item) || !printed.insert(item.referral_id()).second) continue;
    if (printed.size() == 1) out << "\nTo telephone:\n";
    PrintCallee(item, names, out);
  }
  if (!printed.empty()) out << "\n";
}

// Whom to tell that they have a case no more.
void PrintUntold(const referral::v1::ListWorklistResponse& response, const PartnerNames& names,
                 std::ostream& out) {
  bool is_first = true;
  for (const referral::v1::WorklistItem& item : response.items()) {
    for (const referral::v1::UntoldPartner& untold : item.untold_partners()) {
      if (std::exchange(is_first, false)) out << "\nTo tell that they have it no more:\n";
      out << "  " << (untold.telephone().empty() ? "(no number)" : untold.telephone()) << "  "
          << names.Of(untold.partner_id()) << ": " << item.referral_id() << "\n";
    }
  }
  if (!is_first) out << "\n";
}

absl::Status ListWorklist(Session& session, bool all, const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::ListWorklistRequest request;
  request.set_include_decided(all);
  ASSIGN_OR_RETURN(const referral::v1::ListWorklistResponse response,
                   ListPages(referral, &Referrals::ListWorklist, std::move(request), paging));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(referral));
  session.Print(response, [&](std::ostream& out) {
    if (response.items().empty()) {
      out << "Nothing waits for a decision.\n";
      return;
    }
    Table table({"ITEM", "WHY", "URGENCY", "NEED", "COMMUNE", "SINCE", "REFERRAL", "STATE",
                 "WHO HAS IT", all ? "DECIDED / MAY BE" : "MAY BE"});
    for (const referral::v1::WorklistItem& item : response.items()) {
      const bool decided = item.state() == referral::v1::WORKLIST_ITEM_STATE_DECIDED;
      table.Add({item.worklist_item_id(), NameOf(item.reason()), NameOf(item.urgency()),
                 NameOf(item.need()), item.commune_code(), Moment(item.create_time()),
                 item.referral_id(), NameOf(item.referral_state()), names.Of(item.partner_id()),
                 decided ? absl::StrCat(NameOf(item.decision()), " by ", item.decided_by())
                         : PossibleOf(item)});
    }
    out << table;
    PrintMore(response.next_page_token(), out);
    PrintCallees(response, names, out);
    PrintUntold(response, names, out);
    out << "DecideItem with `veillectl worklist decide ITEM DECISION`.\n";
  });
  return absl::OkStatus();
}

void PrintDecided(const referral::v1::DecideWorklistItemResponse& response,
                  const PartnerNames& names, std::ostream& out) {
  const referral::v1::WorklistItem& item = response.item();
  out << "Decided: " << NameOf(item.decision()) << ". Referral " << item.referral_id() << " is now "
      << NameOf(item.referral_state()) << ", " << names.Of(item.partner_id()) << " has it.\n";
  if (item.decision() != referral::v1::WORKLIST_DECISION_RETRY || !item.partner_id().empty())
    return;
  out << "No partner with room covers " << NameOf(item.need()) << " in " << item.commune_code()
      << ": it stands on the worklist again. See `veillectl partner coverage "
      << item.commune_code() << " --all`.\n";
}

absl::Status DecideItem(Session& session, const ItemDecisionArguments& arguments) {
  const auto decision = ValueOf<referral::v1::WorklistDecision>(arguments.decision);
  if (decision == referral::v1::WORKLIST_DECISION_ASSIGN && arguments.to.empty()) {
    return UsageError("to which partner? Give --to ID (partner list prints them)");
  }
  if (decision == referral::v1::WORKLIST_DECISION_CANCEL && arguments.note_file.empty()) {
    return UsageError("why? cancel needs --note-file FILE (- is standard input)");
  }
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::DecideWorklistItemRequest request;
  request.set_request_id(session.RequestId());
  request.set_worklist_item_id(arguments.item);
  request.set_decision(decision);
  request.set_partner_id(arguments.to);
  if (!arguments.note_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(arguments.note_file));
  }
  ASSIGN_OR_RETURN(const referral::v1::DecideWorklistItemResponse response,
                   referral.Call(&Referrals::DecideWorklistItem, request));
  ASSIGN_OR_RETURN(const PartnerNames names, PartnerNames::Read(referral));
  session.Print(response, [&](std::ostream& out) { PrintDecided(response, names, out); });
  return absl::OkStatus();
}

void DeclareItemDecision(CLI::App& group, Session& session) {
  CLI::App* decide = group.add_subcommand("decide", "Decides about an item");
  decide->footer(kWorklistItemDecideFooter);
  const auto arguments = std::make_shared<ItemDecisionArguments>();
  decide->add_option("ITEM", arguments->item, "id of the item")->required()->check(IsUuid());
  decide->add_option("DECISION", arguments->decision, "assign, retry, cancel or seen")
      ->required()
      ->check(IsOneOf<referral::v1::WorklistDecision>());
  decide->add_option("--to", arguments->to, "the partner, for assign")
      ->type_name("ID")
      ->check(IsUuid());
  decide->add_option("--note-file", arguments->note_file, "why, in a file; - is standard input")
      ->type_name("FILE");
  session.On(decide, [&session, arguments] { return DecideItem(session, *arguments); });
}

}  // namespace

void DeclareWorklist(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("worklist", "What waits for a coordinator");
  group->require_subcommand(1);
  CLI::App* list = group->add_subcommand("list", "Lists it, the most urgent first");
  list->footer(kWorklistItemListFooter);
  const auto all = std::make_shared<bool>(false);
  const auto paging = std::make_shared<Paging>();
  list->add_flag("--all", *all, "what is decided too");
  DeclarePaging(*list, *paging);
  session.On(list, [&session, all, paging] { return ListWorklist(session, *all, *paging); });
  DeclareItemDecision(*group, session);
}

}  // namespace veille::veillectl
