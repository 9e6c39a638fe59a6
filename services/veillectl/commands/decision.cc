#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/campaign.h"
#include "veillectl/commands/paging.h"

namespace veille::veillectl {
namespace {

using Campaigns = calls::v1::CampaignService::Stub;

constexpr char kHouseholdDecisionListFooter[] = R"(
WHY a household waits, and what is usually done before it is decided:

  emergency       somebody is in danger, or the     telephone at once; make sure that help came
                  call went to the emergency
                  services
  late-record     a call was recorded while         see to what it found; an objection, a move or
                  somebody else held the            a death ends no calls by itself: household
                  household                         object, household update
  not-sendable    a need cannot be sent: the        see whether the register knows the person with:
                  register knows its subject no     household get; find help by telephone
                  more, or it is refused for good
  not-covered     no partner covers the need        see to it with: worklist list; it leaves this
                  in the commune                    list by itself once a partner has it
  referral-ended  its referral was rejected,        find other help by telephone, or talk to the
                  failed or cancelled               tenant
  not-agreed      a need was found, its subject     nothing; or talk to the tenant. It goes to no
                  did not agree to share it         partner without an agreement

Each finding and each late record that waits has a line of its own; one decision ends all lines of a
household. The look leaves its trace in the audit trail.

Example:
  veillectl decision list 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --limit 20

Next: veillectl household get HOUSEHOLD shows who it is, and veillectl decision decide --help how
to decide.)";

constexpr char kHouseholdDecisionDecideFooter[] = R"(
There is one decision: whatever waited is dealt with, and the note says how, or why nothing is done.
The household leaves the list and goes on from where its calls left it: to its next call, or done.
No need is sent to a partner by it. `veillectl decision list --help` says what fits which reason.

The etag is the one of the list. When something else waits by now the decision is refused, so that
nothing is decided unseen: list again.

Example:
  echo "Telephoned: her daughter shops for her." | veillectl decision decide \
    01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d 01931f61-2b77-7d10-a3e4-5c9d8e7f6a5b \
    --etag 9a0364b9e99bb480dd25e1f0284c8555 --note-file -

Next: veillectl explain CAMPAIGN HOUSEHOLD shows when it is called again, if it is.)";

struct HouseholdDecisionArguments {
  std::string campaign;
  std::string household;
  std::string etag;
  std::string note_file;
};

std::string WhatWaits(const calls::v1::Finding& finding) {
  std::string text = NameOf(finding.kind());
  if (finding.kind() == calls::v1::FINDING_KIND_NEED) {
    absl::StrAppend(&text, " ", NameOf(finding.need()), " ", NameOf(finding.urgency()));
  }
  if (finding.referral_state() != common::v1::REFERRAL_STATE_UNSPECIFIED) {
    absl::StrAppend(&text, ", referral ", NameOf(finding.referral_state()));
  }
  return text;
}

// A line for each thing that waits; one more when the household's own reason is none of theirs.
void AddRows(const calls::v1::Decision& decision, Table& table) {
  const auto add = [&](calls::v1::DecisionReason reason, const std::string& what) {
    table.Add(
        {decision.household_id(), NameOf(reason), what, NameOf(decision.state()), decision.etag()});
  };
  bool told = false;
  for (const calls::v1::Finding& finding : decision.findings()) {
    told |= finding.decision_reason() == decision.reason();
  }
  told |= decision.reason() == calls::v1::DECISION_REASON_LATE_RECORD &&
          !decision.late_records().empty();
  if (!told) add(decision.reason(), "how a call ended");
  for (const calls::v1::Finding& finding : decision.findings()) {
    add(finding.decision_reason(), WhatWaits(finding));
  }
  for (const calls::v1::LateRecord& late : decision.late_records()) {
    add(calls::v1::DECISION_REASON_LATE_RECORD,
        absl::StrCat("call ", NameOf(late.disposition()), ", ", Moment(late.record_time())));
  }
}

absl::Status ListHouseholdDecisions(Session& session, const std::string& campaign,
                                    const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::ListDecisionsRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::ListDecisionsResponse response,
                   ListPages(calls, &Campaigns::ListDecisions, std::move(request), paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.decisions().empty()) {
      out << "No household waits for a decision.\n";
      return;
    }
    Table table({"HOUSEHOLD", "WHY", "WHAT WAITS", "STATE", "ETAG"});
    for (const calls::v1::Decision& decision : response.decisions()) AddRows(decision, table);
    out << table;
    PrintMore(response.next_page_token(), out);
    out << "Next: veillectl decision decide " << campaign
        << " HOUSEHOLD --etag ETAG --note-file FILE\n";
  });
  return absl::OkStatus();
}

absl::Status DecideHousehold(Session& session, const HouseholdDecisionArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::DecideHouseholdRequest request;
  request.set_campaign_id(arguments.campaign);
  request.set_household_id(arguments.household);
  request.set_etag(arguments.etag);
  ASSIGN_OR_RETURN(const std::string note, ReadInput(arguments.note_file));
  request.set_note(std::string(absl::StripAsciiWhitespace(note)));
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const calls::v1::DecideHouseholdResponse response,
                   calls.Call(&Campaigns::DecideHousehold, request));
  session.Print(response, [&](std::ostream& out) {
    out << "Decided: the household is now " << NameOf(response.household_state());
    if (response.has_next_attempt_time()) {
      out << ", next call " << Moment(response.next_attempt_time());
    }
    out << "\n";
  });
  return absl::OkStatus();
}

void DeclareHouseholdDecisionList(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("list", "Lists them, emergencies first");
  command->footer(kHouseholdDecisionListFooter);
  const auto campaign = std::make_shared<std::string>();
  const auto paging = std::make_shared<Paging>();
  AddCampaignArgument(*command, *campaign);
  DeclarePaging(*command, *paging);
  session.On(command, [&session, campaign, paging] {
    return ListHouseholdDecisions(session, *campaign, *paging);
  });
}

void DeclareHouseholdDecision(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("decide", "Notes that a household is dealt with");
  command->footer(kHouseholdDecisionDecideFooter);
  const auto arguments = std::make_shared<HouseholdDecisionArguments>();
  AddCampaignArgument(*command, arguments->campaign);
  command->add_option("HOUSEHOLD", arguments->household, "id of the household")
      ->required()
      ->check(IsUuid());
  command->add_option("--etag", arguments->etag, "of what was seen: decision list prints it")
      ->type_name("ETAG")
      ->required();
  command
      ->add_option("--note-file", arguments->note_file,
                   "what was done, in a file; - is standard input")
      ->type_name("FILE")
      ->required();
  session.On(command, [&session, arguments] { return DecideHousehold(session, *arguments); });
}

}  // namespace

void DeclareDecision(CLI::App& app, Session& session) {
  CLI::App* group =
      app.add_subcommand("decision", "The households of a campaign that wait for a coordinator");
  group->require_subcommand(1);
  DeclareHouseholdDecisionList(*group, session);
  DeclareHouseholdDecision(*group, session);
}

}  // namespace veille::veillectl
