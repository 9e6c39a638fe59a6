#include "common/status/macros.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using CallStub = calls::v1::CallService::Stub;

struct RecordArguments {
  std::string file;
  std::string campaign;
  std::string lease;
  int64_t fence = 0;
};

// Names and numbers, for the person who is about to dial.
void PrintSheet(const calls::v1::CallSheet& sheet, std::ostream& out) {
  const calls::v1::Lease& lease = sheet.lease();
  out << "Lease " << lease.lease_id() << " fence " << lease.fence() << ", until "
      << Moment(lease.expire_time()) << "\n  household " << lease.household_id() << ", attempt "
      << lease.attempt_number() << (lease.weekly_call() ? ", weekly call" : "") << "\n";
  for (const std::string& line : sheet.contact().address_lines()) out << "  " << line << "\n";
  for (const calls::v1::SheetPhone& phone : sheet.contact().phones()) {
    out << (phone.position() == lease.phone_position() ? "  dial " : "  or   ") << phone.e164()
        << "\n";
  }
  Table table({"TENANT", "ASKED", "AGE", "NAME"});
  for (const calls::v1::SheetTenant& tenant : sheet.contact().tenants()) {
    table.Add({tenant.tenant_id(), tenant.subject() ? "yes" : "no",
               tenant.age() == 0 ? "-" : std::to_string(tenant.age()),
               tenant.title() + " " + tenant.given_name() + " " + tenant.family_name()});
  }
  out << table;
  for (const calls::v1::SheetKeyContact& contact : sheet.contact().key_contacts()) {
    out << "Key contact: " << contact.name() << " " << contact.e164() << "\n";
  }
  if (sheet.outcomes_to_verify().empty()) return;
  Table outcomes({"ASK WHETHER HELP CAME", "NEED", "THE PARTNER SAYS", "SINCE", "TENANT"});
  for (const calls::v1::OutcomeToVerify& outcome : sheet.outcomes_to_verify()) {
    outcomes.Add({outcome.referral_id(), NameOf(outcome.need()), NameOf(outcome.outcome()),
                  Moment(outcome.report_time()), outcome.tenant_id()});
  }
  out << outcomes;
}

absl::Status Lease(Session& session, const std::string& campaign) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("volunteer"));
  calls::v1::LeaseNextCallRequest request;
  request.set_request_id(session.RequestId());
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::LeaseNextCallResponse response,
                   calls.Call(&CallStub::LeaseNextCall, request));
  session.Print(response, [&](std::ostream& out) { PrintSheet(response.call_sheet(), out); });
  return absl::OkStatus();
}

absl::Status Sheet(Session& session, const std::string& campaign, const std::string& lease) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("volunteer"));
  calls::v1::GetCallSheetRequest request;
  request.set_campaign_id(campaign);
  request.set_lease_id(lease);
  ASSIGN_OR_RETURN(const calls::v1::GetCallSheetResponse response,
                   calls.Call(&CallStub::GetCallSheet, request));
  session.Print(response, [&](std::ostream& out) { PrintSheet(response.call_sheet(), out); });
  return absl::OkStatus();
}

void PrintRecorded(const calls::v1::RecordCallResponse& response, std::ostream& out) {
  for (const auto& text : response.emergency_instructions()) {
    out << "NOW (" << text.language() << "): " << text.text() << "\n";
  }
  out << "Recorded: attempt " << response.attempt_id();
  if (response.late()) out << ", late: somebody else holds the household; a coordinator decides";
  out << "\n  the household is now " << NameOf(response.household_state());
  if (response.has_next_attempt_time()) {
    out << ", next call " << Moment(response.next_attempt_time());
  }
  out << "\n";
  if (response.findings().empty()) return;
  Table table({"FINDING", "FOUND", "NEED", "URGENCY", "SHARED", "WAITS FOR"});
  for (const calls::v1::Finding& finding : response.findings()) {
    table.Add({finding.finding_id(), NameOf(finding.kind()), NameOf(finding.need()),
               NameOf(finding.urgency()), finding.shared() ? "yes" : "no",
               NameOf(finding.decision_reason())});
  }
  out << table;
}

absl::Status Record(Session& session, const RecordArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("volunteer"));
  calls::v1::RecordCallRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, &request));
  if (request.request_id().empty()) request.set_request_id(session.RequestId());
  if (!arguments.campaign.empty()) request.set_campaign_id(arguments.campaign);
  if (!arguments.lease.empty()) request.set_lease_id(arguments.lease);
  if (arguments.fence > 0) request.set_fence(arguments.fence);
  ASSIGN_OR_RETURN(const calls::v1::RecordCallResponse response,
                   calls.Call(&CallStub::RecordCall, request));
  session.Print(response, [&](std::ostream& out) { PrintRecorded(response, out); });
  return absl::OkStatus();
}

std::string WhenReported(const calls::v1::FlaggedCase& flagged) {
  return flagged.has_referral_time() ? Moment(flagged.referral_time()) : "-";
}

absl::Status Outcomes(Session& session, const std::string& campaign, const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("volunteer"));
  calls::v1::ListMyOutcomesRequest request;
  request.set_campaign_id(campaign);
  ASSIGN_OR_RETURN(const calls::v1::ListMyOutcomesResponse response,
                   ListPages(calls, &CallStub::ListMyOutcomes, std::move(request), paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.cases().empty()) {
      out << "No call of yours flagged a case.\n";
      return;
    }
    Table table({"FLAGGED", "HOUSEHOLD", "NEED", "URGENCY", "REFERRAL", "OUTCOME", "SINCE",
                 "HELP CAME", "WAITS FOR"});
    for (const calls::v1::FlaggedCase& flagged : response.cases()) {
      table.Add({Moment(flagged.find_time()), flagged.household_id(), NameOf(flagged.need()),
                 NameOf(flagged.urgency()), NameOf(flagged.referral_state()),
                 NameOf(flagged.referral_outcome()), WhenReported(flagged),
                 NameOf(flagged.verification()), NameOf(flagged.decision_reason())});
    }
    out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

void DeclareOutcomes(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "outcomes",
      "Tells what became of the cases that a volunteer flagged; --subject is the volunteer");
  const auto campaign = std::make_shared<std::string>();
  const auto paging = std::make_shared<Paging>();
  command->add_option("CAMPAIGN", *campaign, "id of the campaign")->required()->check(IsUuid());
  DeclarePaging(*command, *paging);
  session.On(command,
             [&session, campaign, paging] { return Outcomes(session, *campaign, *paging); });
}

void DeclareRecord(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("record", "Records what was said, and ends the lease");
  command->footer(
      "\nFILE is the JSON of a veille.calls.v1.RecordCallRequest: disposition, answers per "
      "tenant,\n"
      "what each agreed to. What a tenant said stands in the file only. Example:\n"
      "  {\"disposition\": \"DISPOSITION_COMPLETED\",\n"
      "   \"answers\": [{\"tenant_id\": \"…\", \"question_id\": \"meals\", \"boolean\": false}],\n"
      "   \"agreements\": [{\"tenant_id\": \"…\", \"kind\": \"AGREEMENT_KIND_SHARE_NEED\",\n"
      "                   \"need\": \"NEED_MEALS\", \"agreed\": true, \"text_version\": "
      "\"share-1\"}],\n"
      "   \"verified_outcomes\": [{\"referral_id\": \"…\", \"came\": \"VERIFICATION_CAME\"}]}\n"
      "The last where the call sheet says: ask whether help came. With the agreement to an entry "
      "in\n"
      "the town hall's register (NEED_MUNICIPAL_REGISTER) stands what the written request says:\n"
      "                   \"register_entry\": {\"ground\": \"REGISTER_GROUND_AGE_65\",\n"
      "                                      \"non_objection_time\": \"2020-04-01T10:00:00Z\"}");
  const auto arguments = std::make_shared<RecordArguments>();
  command->add_option("FILE", arguments->file, "the record; - is standard input")->required();
  command->add_option("--campaign", arguments->campaign, "unless it stands in the file")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--lease", arguments->lease, "unless it stands in the file")
      ->type_name("ID")
      ->check(IsUuid());
  command->add_option("--fence", arguments->fence, "unless it stands in the file")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber);
  session.On(command, [&session, arguments] { return Record(session, *arguments); });
}

}  // namespace

void DeclareCall(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("call", "A volunteer's work: lease, dial, record");
  group->require_subcommand(1);
  const auto ids = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* lease = group->add_subcommand(
      "lease", "Leases the next household and shows whom to call; --subject is the volunteer");
  lease->add_option("CAMPAIGN", ids->first, "id of the campaign")->required()->check(IsUuid());
  session.On(lease, [&session, ids] { return Lease(session, ids->first); });

  CLI::App* sheet = group->add_subcommand("sheet", "Shows the call sheet of a lease again");
  sheet->add_option("CAMPAIGN", ids->first, "id of the campaign")->required()->check(IsUuid());
  sheet->add_option("LEASE", ids->second, "id of the lease")->required()->check(IsUuid());
  session.On(sheet, [&session, ids] { return Sheet(session, ids->first, ids->second); });

  DeclareRecord(*group, session);
  DeclareOutcomes(*group, session);
}

}  // namespace veille::veillectl
