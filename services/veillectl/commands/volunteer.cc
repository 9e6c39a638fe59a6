#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/session.h"
#include "veillectl/commands/volunteer_file.h"

namespace veille::veillectl {
namespace {

using Volunteers = calls::v1::VolunteerService::Stub;

struct VolunteerUpdateArguments {
  std::string volunteer;
  std::string state;
  std::vector<std::string> languages;
  std::string name_file;
};

struct AbsenceArguments {
  std::string volunteer;
  std::string from;
  std::string until;
  bool none = false;
};

void AddRow(const calls::v1::Volunteer& volunteer, Table& table) {
  table.Add({volunteer.volunteer_id(), NameOf(volunteer.state()), volunteer.subject(),
             absl::StrJoin(volunteer.languages(), ","),
             volunteer.has_absence() ? absl::StrCat(Moment(volunteer.absence().start_time()),
                                                    " to ", Moment(volunteer.absence().end_time()))
                                     : "-",
             volunteer.display_name()});
}

void PrintVolunteers(const google::protobuf::RepeatedPtrField<calls::v1::Volunteer>& volunteers,
                     std::ostream& out) {
  Table table({"VOLUNTEER", "STATE", "SUBJECT", "LANGUAGES", "ABSENT", "NAME"});
  for (const calls::v1::Volunteer& volunteer : volunteers) AddRow(volunteer, table);
  out << table;
}

absl::Status EnrolOne(Session& session, const Connection& calls,
                      const calls::v1::Volunteer& volunteer) {
  calls::v1::EnrolVolunteerRequest request;
  request.set_request_id(session.RequestId());
  *request.mutable_volunteer() = volunteer;
  ASSIGN_OR_RETURN(const calls::v1::EnrolVolunteerResponse response,
                   calls.Call(&Volunteers::EnrolVolunteer, request));
  session.Print(response, [&](std::ostream& out) {
    const calls::v1::Volunteer& enrolled = response.volunteer();
    out << "Volunteer " << enrolled.subject() << ": " << enrolled.volunteer_id()
        << "\nNext: veillectl call lease CAMPAIGN --subject " << enrolled.subject() << "\n";
  });
  return absl::OkStatus();
}

// Who is enrolled already stays so: the file may have grown since it was read last.
absl::Status EnrolAll(Session& session, const Connection& calls,
                      const std::vector<calls::v1::Volunteer>& volunteers) {
  calls::v1::ListVolunteersResponse enrolled;
  std::vector<std::string> known;
  for (const calls::v1::Volunteer& volunteer : volunteers) {
    calls::v1::EnrolVolunteerRequest request;
    request.set_request_id(NamedUuid(absl::StrCat(session.RequestId(), ":", volunteer.subject())));
    *request.mutable_volunteer() = volunteer;
    auto response = calls.Call(&Volunteers::EnrolVolunteer, request);
    if (response.ok()) {
      *enrolled.add_volunteers() = std::move(*response->mutable_volunteer());
    } else if (absl::IsAlreadyExists(response.status())) {
      known.push_back(volunteer.subject());
    } else {
      return response.status();
    }
  }
  session.Print(enrolled, [&](std::ostream& out) {
    if (!enrolled.volunteers().empty()) PrintVolunteers(enrolled.volunteers(), out);
    out << enrolled.volunteers_size() << " enrolled";
    if (!known.empty()) {
      out << ", " << known.size() << " enrolled before: " << absl::StrJoin(known, ", ");
    }
    out << "\nNext: veillectl call lease CAMPAIGN --subject SUBJECT, as one of them\n";
  });
  return absl::OkStatus();
}

absl::Status Enrol(Session& session, const std::string& path) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(const VolunteerFile file, ReadVolunteers(path));
  return file.single ? EnrolOne(session, calls, file.volunteers.front())
                     : EnrolAll(session, calls, file.volunteers);
}

absl::Status ListVolunteers(Session& session, const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(
      const calls::v1::ListVolunteersResponse response,
      ListPages(calls, &Volunteers::ListVolunteers, calls::v1::ListVolunteersRequest(), paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.volunteers().empty()) {
      out << "No volunteer yet: veillectl volunteer enrol --help\n";
    } else {
      PrintVolunteers(response.volunteers(), out);
    }
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

absl::Status UpdateVolunteer(Session& session, const VolunteerUpdateArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::UpdateVolunteerRequest request;
  calls::v1::Volunteer& volunteer = *request.mutable_volunteer();
  volunteer.set_volunteer_id(arguments.volunteer);
  if (!arguments.state.empty()) {
    volunteer.set_state(ValueOf<calls::v1::VolunteerState>(arguments.state));
    request.mutable_update_mask()->add_paths("state");
  }
  if (!arguments.languages.empty()) {
    volunteer.mutable_languages()->Assign(arguments.languages.begin(), arguments.languages.end());
    request.mutable_update_mask()->add_paths("languages");
  }
  if (!arguments.name_file.empty()) {
    ASSIGN_OR_RETURN(const std::string name, ReadInput(arguments.name_file));
    volunteer.set_display_name(std::string(absl::StripAsciiWhitespace(name)));
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (request.update_mask().paths().empty()) {
    return UsageError("nothing to change: give --state, --language or --name-file");
  }
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const calls::v1::UpdateVolunteerResponse response,
                   calls.Call(&Volunteers::UpdateVolunteer, request));
  session.Print(response, [&](std::ostream& out) {
    Table table({"VOLUNTEER", "STATE", "SUBJECT", "LANGUAGES", "ABSENT", "NAME"});
    AddRow(response.volunteer(), table);
    out << table;
  });
  return absl::OkStatus();
}

absl::Status SetAbsence(Session& session, const AbsenceArguments& arguments) {
  if (arguments.none != (arguments.from.empty() && arguments.until.empty())) {
    return UsageError("give --from and --until, or --none");
  }
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::SetAbsenceRequest request;
  request.set_volunteer_id(arguments.volunteer);
  if (!arguments.none) {
    if (arguments.from.empty() || arguments.until.empty()) {
      return UsageError("an absence has a beginning and an end: --from TIME --until TIME");
    }
    calls::v1::Absence& absence = *request.mutable_absence();
    ASSIGN_OR_RETURN(*absence.mutable_start_time(), ParseMoment(arguments.from));
    ASSIGN_OR_RETURN(*absence.mutable_end_time(), ParseMoment(arguments.until));
  }
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const calls::v1::SetAbsenceResponse response,
                   calls.Call(&Volunteers::SetAbsence, request));
  session.Print(response, [&](std::ostream& out) {
    Table table({"VOLUNTEER", "STATE", "SUBJECT", "LANGUAGES", "ABSENT", "NAME"});
    AddRow(response.volunteer(), table);
    out << table;
  });
  return absl::OkStatus();
}

void AddVolunteerArgument(CLI::App& command, std::string& volunteer) {
  command.add_option("VOLUNTEER", volunteer, "the id: volunteer list shows them")
      ->required()
      ->check(IsUuid());
}

void DeclareEnrol(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("enrol", "Enrols volunteers, one or many at once");
  command->footer(
      "\nFILE is one volunteer as JSON, an array of them, or a table (CSV, semicolons or tabs):\n"
      "\n  {\"subject\": \"camille\", \"display_name\": \"Camille\", \"languages\": [\"fr\"]}\n"
      "\n  subject;display_name;languages\n"
      "  camille;Camille;fr,en\n"
      "  sacha;Sacha;fr\n"
      "\nThe subject is who the volunteer is when calling: --subject camille. Of many, those who\n"
      "are enrolled already are left as they are, so the same file can be given again.\n"
      "\nExample:\n"
      "  veillectl volunteer enrol volunteers.csv\n"
      "\nNext: veillectl call lease CAMPAIGN --subject camille, once a campaign is open.");
  const auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "the volunteers; - is standard input")->required();
  session.On(command, [&session, file] { return Enrol(session, *file); });
}

void DeclareVolunteerList(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("list", "Lists the landlord's volunteers");
  command->footer(
      "\nExample:\n"
      "  veillectl volunteer list --limit 20\n"
      "\nNext: veillectl volunteer update VOLUNTEER --state left, when somebody stops calling.");
  const auto paging = std::make_shared<Paging>();
  DeclarePaging(*command, *paging);
  session.On(command, [&session, paging] { return ListVolunteers(session, *paging); });
}

void DeclareVolunteerUpdate(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("update", "Changes a volunteer: languages, name, whether they call");
  command->footer(
      "\nSomebody who has left is given no household any more; a call in progress can be "
      "recorded.\n"
      "\nExample:\n"
      "  veillectl volunteer update 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --state left\n"
      "  veillectl volunteer update 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --language fr "
      "--language en\n"
      "\nNext: veillectl volunteer list");
  const auto arguments = std::make_shared<VolunteerUpdateArguments>();
  AddVolunteerArgument(*command, arguments->volunteer);
  command->add_option("--state", arguments->state, "active, or left")
      ->type_name("STATE")
      ->check(IsOneOf<calls::v1::VolunteerState>());
  command->add_option("--language", arguments->languages, "speaks this one; again for more")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command->add_option("--name-file", arguments->name_file, "the new name, in a file; - is input")
      ->type_name("FILE");
  session.On(command, [&session, arguments] { return UpdateVolunteer(session, *arguments); });
}

void DeclareAbsence(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("absence", "Says when a volunteer is away");
  command->footer(
      "\nNo weekly call is kept for somebody who is away: others get it at once. One absence at a\n"
      "time; a new one takes the place of the one before.\n"
      "\nExample:\n"
      "  veillectl volunteer absence 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --from 2020-04-06 "
      "--until 2020-04-13\n"
      "  veillectl volunteer absence 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --none\n"
      "\nNext: veillectl volunteer list shows who is away.");
  const auto arguments = std::make_shared<AbsenceArguments>();
  AddVolunteerArgument(*command, arguments->volunteer);
  command->add_option("--from", arguments->from, "when it begins")->type_name("TIME");
  command->add_option("--until", arguments->until, "when it ends, exclusive")->type_name("TIME");
  command->add_flag("--none", arguments->none, "not away after all");
  session.On(command, [&session, arguments] { return SetAbsence(session, *arguments); });
}

}  // namespace

void DeclareVolunteer(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("volunteer", "Who calls");
  group->require_subcommand(1);
  DeclareEnrol(*group, session);
  DeclareVolunteerList(*group, session);
  DeclareVolunteerUpdate(*group, session);
  DeclareAbsence(*group, session);
}

}  // namespace veille::veillectl
