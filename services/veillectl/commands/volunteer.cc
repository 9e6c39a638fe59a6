#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;
using Volunteers = pb::VolunteerService::Stub;

absl::Status Enrol(Session& session, const std::string& file) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::EnrolVolunteerRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_volunteer()));
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const pb::EnrolVolunteerResponse response,
                   calls.Call(&Volunteers::EnrolVolunteer, request));
  session.Print(response, [&](std::ostream& out) {
    out << "Volunteer " << response.volunteer().subject() << ": "
        << response.volunteer().volunteer_id() << "\n";
  });
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(const pb::ListVolunteersResponse response,
                   calls.CallAllPages(&Volunteers::ListVolunteers, pb::ListVolunteersRequest()));
  session.Print(response, [&](std::ostream& out) {
    Table table({"VOLUNTEER", "STATE", "SUBJECT", "LANGUAGES", "NAME"});
    for (const pb::Volunteer& volunteer : response.volunteers()) {
      table.Add({volunteer.volunteer_id(), NameOf(volunteer.state()), volunteer.subject(),
                 absl::StrJoin(volunteer.languages(), ","), volunteer.display_name()});
    }
    out << table;
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareVolunteer(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("volunteer", "Who calls");
  group->require_subcommand(1);
  CLI::App* enrol = group->add_subcommand("enrol", "Enrols a volunteer");
  enrol->footer(
      "\nFILE is the JSON of a veille.calls.v1.Volunteer:\n"
      "  {\"subject\": \"camille\", \"display_name\": \"Camille\", \"languages\": [\"fr\"]}\n"
      "`subject` is who the volunteer is when calling: --subject camille.");
  const auto file = std::make_shared<std::string>();
  enrol->add_option("FILE", *file, "the volunteer; - is standard input")->required();
  session.On(enrol, [&session, file] { return Enrol(session, *file); });
  session.On(group->add_subcommand("list", "Lists the landlord's volunteers"),
             [&session] { return List(session); });
}

}  // namespace veille::veillectl
