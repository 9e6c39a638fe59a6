#include <functional>
#include <memory>
#include <utility>

#include "common/status/macros.h"
#include "veille/partner/v1/partner_desk_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Desk = partner::v1::PartnerDeskService::Stub;

struct CaseListArguments {
  std::vector<std::string> states;
  Paging paging;
};

// What a partner answers about one case.
struct CaseAnswerArguments {
  std::string referral;
  std::string outcome;  // close
  std::string reason;   // decline
  std::string note_file;
};

absl::Status ListCases(Session& session, const CaseListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  partner::v1::ListMyReferralsRequest request;
  for (const std::string& state : arguments.states) {
    request.add_states(ValueOf<common::v1::ReferralState>(state));
  }
  ASSIGN_OR_RETURN(
      const partner::v1::ListMyReferralsResponse response,
      ListPages(referral, &Desk::ListMyReferrals, std::move(request), arguments.paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.cases().empty()) {
      out << "No such case.\n";
      return;
    }
    Table table({"REFERRAL", "STATE", "NEED", "URGENCY", "ASSIGNED", "TO ACCEPT UNTIL"});
    for (const partner::v1::PartnerCase& open : response.cases()) {
      table.Add({open.referral_id(), open.superseded() ? "superseded" : NameOf(open.state()),
                 NameOf(open.need()), NameOf(open.urgency()), Moment(open.assign_time()),
                 Moment(open.acknowledge_deadline_time())});
    }
    out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

absl::StatusOr<partner::v1::GetMyReferralResponse> Fetch(const Connection& referral,
                                                         const std::string& id) {
  partner::v1::GetMyReferralRequest request;
  request.set_referral_id(id);
  return referral.Call(&Desk::GetMyReferral, request);
}

void PrintCase(const partner::v1::PartnerCase& open, std::ostream& out) {
  out << "Referral " << open.referral_id() << "\n  state   "
      << (open.superseded() ? "superseded" : NameOf(open.state()));
  if (open.outcome() != common::v1::REFERRAL_OUTCOME_UNSPECIFIED) {
    out << ", " << NameOf(open.outcome());
  }
  out << "\n  need    " << NameOf(open.need()) << ", " << NameOf(open.urgency()) << "\n";
  if (!open.words().empty()) out << "  words   " << open.words() << "\n";
  if (!open.has_person()) return;
  const partner::v1::CasePerson& person = open.person();
  out << "  person  " << person.title() << " " << person.given_name() << " " << person.family_name()
      << "\n";
  for (const std::string& phone : person.phones()) out << "  phone   " << phone << "\n";
  for (const std::string& line : person.address_lines()) out << "  at      " << line << "\n";
  out << "          " << person.commune_name() << "\n";
  if (!open.written_request().empty()) out << "\n" << open.written_request();
}

absl::Status ShowCase(Session& session, const std::string& id) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const partner::v1::GetMyReferralResponse response, Fetch(referral, id));
  session.Print(response, [&](std::ostream& out) { PrintCase(response.partner_case(), out); });
  return absl::OkStatus();
}

// One act on the open assignment, which is looked up first; `complete` adds what the act needs.
template <typename Request, typename Response>
absl::Status Act(Session& session,
                 grpc::Status (Desk::*method)(grpc::ClientContext*, const Request&, Response*),
                 const std::string& id,
                 const std::function<absl::Status(Request&)>& complete = nullptr) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("partner"));
  ASSIGN_OR_RETURN(const partner::v1::GetMyReferralResponse fetched, Fetch(referral, id));
  Request request;
  request.set_request_id(session.RequestId());
  request.set_referral_id(id);
  request.set_assignment_fence(fetched.partner_case().assignment_fence());
  if (complete) RETURN_IF_ERROR(complete(request));
  ASSIGN_OR_RETURN(const Response response, referral.Call(method, request));
  session.Print(response, [&](std::ostream& out) { PrintCase(response.partner_case(), out); });
  return absl::OkStatus();
}

template <typename Request>
absl::Status AddNote(const std::string& note_file, Request& request) {
  if (note_file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(*request.mutable_note(), ReadInput(note_file));
  return absl::OkStatus();
}

absl::Status Accept(Session& session, const CaseAnswerArguments& arguments) {
  return Act(session, &Desk::AcceptReferral, arguments.referral);
}

absl::Status Start(Session& session, const CaseAnswerArguments& arguments) {
  return Act(session, &Desk::StartReferral, arguments.referral);
}

absl::Status Decline(Session& session, const CaseAnswerArguments& arguments) {
  return Act<partner::v1::DeclineReferralRequest>(
      session, &Desk::DeclineReferral, arguments.referral,
      [&](partner::v1::DeclineReferralRequest& request) {
        request.set_reason(ValueOf<common::v1::DeclineReason>(arguments.reason));
        return AddNote(arguments.note_file, request);
      });
}

absl::Status Close(Session& session, const CaseAnswerArguments& arguments) {
  return Act<partner::v1::CloseReferralRequest>(
      session, &Desk::CloseReferral, arguments.referral,
      [&](partner::v1::CloseReferralRequest& request) {
        request.set_outcome(ValueOf<common::v1::ReferralOutcome>(arguments.outcome));
        return AddNote(arguments.note_file, request);
      });
}

using Answer = absl::Status (*)(Session&, const CaseAnswerArguments&);

// The command of one answer, and what it is given.
std::pair<CLI::App*, std::shared_ptr<CaseAnswerArguments>> DeclareAnswer(CLI::App& group,
                                                                         Session& session,
                                                                         const std::string& name,
                                                                         const std::string& about,
                                                                         Answer answer) {
  CLI::App* command = group.add_subcommand(name, about);
  const auto arguments = std::make_shared<CaseAnswerArguments>();
  command->add_option("REFERRAL", arguments->referral, "id of the referral")
      ->required()
      ->check(IsUuid());
  session.On(command, [&session, arguments, answer] { return answer(session, *arguments); });
  return {command, arguments};
}

void DeclareAnswers(CLI::App& group, Session& session) {
  DeclareAnswer(group, session, "accept", "Accepts a case: somebody will see to it", Accept);
  DeclareAnswer(group, session, "start", "Says that the work on an accepted case has begun", Start);

  const auto [decline, declined] = DeclareAnswer(
      group, session, "decline", "Declines a case: it goes to somebody else", Decline);
  decline->add_option("--reason", declined->reason, "why, such as no-capacity")
      ->type_name("REASON")
      ->required()
      ->check(IsOneOf<common::v1::DeclineReason>());
  decline
      ->add_option("--note-file", declined->note_file,
                   "more about why (required for other); - is standard input")
      ->type_name("FILE");

  const auto [close, closed] =
      DeclareAnswer(group, session, "close", "Closes an accepted case with its outcome", Close);
  close->add_option("--outcome", closed->outcome, "what became of it, such as helped")
      ->type_name("OUTCOME")
      ->required()
      ->check(IsOneOf<common::v1::ReferralOutcome>());
  close
      ->add_option("--note-file", closed->note_file,
                   "more about it (required for could-not-help); - is standard input")
      ->type_name("FILE");
}

}  // namespace

void DeclareDesk(CLI::App& app, Session& session) {
  CLI::App* group =
      app.add_subcommand("desk", "A partner's work on the cases it was given (needs --partner)");
  group->require_subcommand(1);
  group->footer(R"(
The way of a case: list, show, accept (or decline), start, close. What is shown of the person is for
the help that is needed, and each look leaves a trace.)");
  CLI::App* list = group->add_subcommand("list", "Lists the partner's cases, newest first");
  const auto listing = std::make_shared<CaseListArguments>();
  list->add_option("--state", listing->states, "only these states, such as received")
      ->type_name("STATE")
      ->check(IsOneOf<common::v1::ReferralState>());
  DeclarePaging(*list, listing->paging);
  session.On(list, [&session, listing] { return ListCases(session, *listing); });

  const auto id = std::make_shared<std::string>();
  CLI::App* show = group->add_subcommand("show", "Shows whom to help, and with what");
  show->add_option("REFERRAL", *id, "id of the referral")->required()->check(IsUuid());
  session.On(show, [&session, id] { return ShowCase(session, *id); });
  DeclareAnswers(*group, session);
}

}  // namespace veille::veillectl
