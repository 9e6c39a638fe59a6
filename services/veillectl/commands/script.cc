#include "common/status/macros.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::calls::v1;
using Scripts = pb::ScriptService::Stub;

absl::Status Publish(Session& session, const std::string& file) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  pb::PublishScriptRequest request;
  RETURN_IF_ERROR(ReadMessage(file, request.mutable_script()));
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const pb::PublishScriptResponse response,
                   calls.Call(&Scripts::PublishScript, request));
  session.Print(response, [&](std::ostream& out) {
    const pb::Script& script = response.script();
    out << "Script " << script.title() << ": " << script.script_id() << " version "
        << script.version() << " (" << script.questions_size() << " questions, "
        << script.rules_size() << " rules)\n";
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareScript(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("script", "What volunteers ask, and what answers mean");
  group->require_subcommand(1);
  CLI::App* publish =
      group->add_subcommand("publish", "Publishes a script; a published version never changes");
  publish->footer(
      "\nFILE is the JSON of a veille.calls.v1.Script: questions, triage rules and the words by\n"
      "which agreement is asked for. deploy/samples/script.json is one. With the script_id of a\n"
      "published script it becomes that script's next version.");
  const auto file = std::make_shared<std::string>();
  publish->add_option("FILE", *file, "the script; - is standard input")->required();
  session.On(publish, [&session, file] { return Publish(session, *file); });
}

}  // namespace veille::veillectl
