#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/audit_trails.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

constexpr char kWhoSawFooter[] = R"(
Asks all three services and merges what they say, newest first. WHY is what the look was for; a look
outside somebody's own work says its reason there, after a !. A look that was denied is no look: find
those with `veillectl audit denied`, and all looks outside somebody's own work with `veillectl audit
outside`.

This look leaves its trace too.)";

constexpr char kVerifyFooter[] = R"(
Each service computes the landlord's chain anew from its events. What the owner of a database changed,
left out, added or put elsewhere shows, as far as the chain reaches. Who makes the whole chain anew
shows by its signatures; who cuts it off, or has the signing key too, only by a head that was kept
elsewhere:

  veillectl audit export > heads-2020-03-17.json     now, to a place that the owner does not reach
  veillectl audit verify --against heads-2020-03-17.json     later

Exit code 1 when something is wrong.)";

struct WhoSawArguments {
  std::string household;
  std::string since;
  int limit = 0;
};

std::string WhyOf(const audit_pb::AuditEvent& event) {
  if (event.reason().empty()) return event.purpose();
  return absl::StrCat(event.purpose(), " ! ", event.reason());
}

void PrintEvents(const audit_pb::ListAuditEventsResponse& response, std::ostream& out) {
  if (response.events().empty()) {
    out << "Nothing.\n";
    return;
  }
  Table table({"WHEN", "WHO", "AS", "DID", "IN", "WHY", "OUTCOME"});
  for (const audit_pb::AuditEvent& event : response.events()) {
    table.Add({Moment(event.event_time()), event.actor().empty() ? "-" : event.actor(),
               event.actor_role().empty() ? "-" : event.actor_role(), event.method(),
               event.service(), WhyOf(event), event.outcome()});
  }
  out << table;
}

absl::Status WhoSaw(Session& session, const WhoSawArguments& arguments) {
  audit_pb::ListAuditEventsRequest request;
  request.set_object_id(arguments.household);
  if (!arguments.since.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_start_time(), ParseMoment(arguments.since));
  }
  ASSIGN_OR_RETURN(const audit_pb::ListAuditEventsResponse response,
                   ListTrails(session, request, arguments.limit));
  session.Print(response, [&](std::ostream& out) { PrintEvents(response, out); });
  return absl::OkStatus();
}

// What stands out.
absl::Status ListStandingOut(Session& session, const audit_pb::ListAuditEventsRequest& request,
                             int limit) {
  ASSIGN_OR_RETURN(const audit_pb::ListAuditEventsResponse response,
                   ListTrails(session, request, limit));
  session.Print(response, [&](std::ostream& out) { PrintEvents(response, out); });
  return absl::OkStatus();
}

void PrintTrail(const audit_pb::VerifyAuditTrailResponse& trail, std::ostream& out) {
  out << trail.service() << ": " << trail.verified_events() << " events agree";
  if (trail.has_to_head()) out << ", up to number " << trail.to_head().sequence();
  if (trail.erased_events() > 0) out << "; " << trail.erased_events() << " were erased in time";
  if (trail.waiting_events() > 0) out << "; " << trail.waiting_events() << " wait to be chained";
  out << (trail.signatures_verified() ? "; signatures verified\n"
                                      : "; NOT SIGNED: the service has no audit key\n");
  for (const audit_pb::AuditProblem& problem : trail.problems()) {
    out << "  WRONG: " << NameOf(problem.kind());
    if (problem.batch() > 0) out << ", batch " << problem.batch();
    if (problem.sequence() != 0) out << ", event " << problem.sequence();
    out << "\n";
  }
  if (trail.more_problems() > 0) out << "  and " << trail.more_problems() << " more\n";
}

absl::Status VerifyTrails(Session& session, const std::string& against) {
  audit_pb::AuditHeads known;
  if (!against.empty()) RETURN_IF_ERROR(ReadMessage(against, &known));
  ASSIGN_OR_RETURN(const audit_pb::AuditVerifications verified, VerifyTrails(session, known));
  session.Print(verified, [&](std::ostream& out) {
    for (const auto& trail : verified.trails()) PrintTrail(trail, out);
    if (!against.empty()) {
      out << "Compared with " << known.heads_size() << " heads that were kept.\n";
    }
  });
  int64_t problems = 0;
  for (const auto& trail : verified.trails()) {
    problems += trail.problems_size() + trail.more_problems();
  }
  if (problems == 0) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the audit trail does not agree with its chain: ", problems, " problems"));
}

absl::Status Export(Session& session) {
  ASSIGN_OR_RETURN(const audit_pb::AuditHeads heads, HeadsOfTrails(session));
  std::cout << AsJson(heads);
  return absl::OkStatus();
}

void AddLimit(CLI::App& command, int& limit) {
  command.add_option("--limit", limit, "show so many at most (all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000).description("a number from 1"));
}

void DeclareWhoSaw(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("who-saw", "Lists who saw or changed a household, and why");
  command->footer(kWhoSawFooter);
  const auto arguments = std::make_shared<WhoSawArguments>();
  command->add_option("HOUSEHOLD", arguments->household, "id of the household")
      ->required()
      ->check(IsUuid());
  command->add_option("--since", arguments->since, "only from that day or time on")
      ->type_name("TIME");
  AddLimit(*command, arguments->limit);
  session.On(command, [&session, arguments] { return WhoSaw(session, *arguments); });
}

void DeclareDenied(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("denied", "Lists calls that were denied, newest first");
  const auto limit = std::make_shared<int>(0);
  AddLimit(*command, *limit);
  session.On(command, [&session, limit] {
    audit_pb::ListAuditEventsRequest request;
    request.set_only_denied(true);
    return ListStandingOut(session, request, *limit);
  });
}

void DeclareOutside(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "outside", "Lists looks outside somebody's own work, with their reasons, newest first");
  const auto limit = std::make_shared<int>(0);
  AddLimit(*command, *limit);
  session.On(command, [&session, limit] {
    audit_pb::ListAuditEventsRequest request;
    request.set_only_with_reason(true);
    return ListStandingOut(session, request, *limit);
  });
}

}  // namespace

void DeclareAudit(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("audit", "Who saw what, and whether the trail is whole");
  group->require_subcommand(1);
  DeclareWhoSaw(*group, session);
  DeclareDenied(*group, session);
  DeclareOutside(*group, session);
  CLI::App* verify = group->add_subcommand("verify", "Verifies the trails of all services");
  verify->footer(kVerifyFooter);
  const auto against = std::make_shared<std::string>();
  verify->add_option("--against", *against, "heads that `audit export` printed earlier")
      ->type_name("FILE");
  session.On(verify, [&session, against] { return VerifyTrails(session, *against); });
  CLI::App* heads = group->add_subcommand(
      "export", "Prints the newest signed heads as JSON, to be kept elsewhere");
  session.On(heads, [&session] { return Export(session); });
}

}  // namespace veille::veillectl
