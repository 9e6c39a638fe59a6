#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/paging.h"
#include "veillectl/commands/script_words.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Scripts = calls::v1::ScriptService::Stub;

// A published script, and how to read it.
struct ShowArguments {
  std::string script;
  int version = 0;
  std::string language;
};

struct TestArguments {
  std::string file;
  std::string cases;
  ShowArguments published;
};

struct PublishArguments {
  std::string file;
  std::string script;
};

absl::Status Publish(Session& session, const PublishArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::PublishScriptRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_script()));
  if (!arguments.script.empty()) request.mutable_script()->set_script_id(arguments.script);
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const calls::v1::PublishScriptResponse response,
                   calls.Call(&Scripts::PublishScript, request));
  session.Print(response, [&](std::ostream& out) {
    const calls::v1::Script& script = response.script();
    out << "Script " << script.title() << ": " << script.script_id() << " version "
        << script.version() << " (" << script.questions_size() << " questions, "
        << script.rules_size() << " rules)\nNext: veillectl campaign create --script "
        << script.script_id() << " …\n";
  });
  return absl::OkStatus();
}

absl::Status ListScripts(Session& session, const Paging& paging) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(
      const calls::v1::ListScriptsResponse response,
      ListPages(calls, &Scripts::ListScripts, calls::v1::ListScriptsRequest(), paging));
  session.Print(response, [&](std::ostream& out) {
    if (response.scripts().empty()) out << "No script yet: veillectl script publish --help\n";
    Table table({"SCRIPT", "VERSION", "PUBLISHED", "TITLE"});
    for (const calls::v1::ScriptSummary& script : response.scripts()) {
      table.Add({script.script_id(), absl::StrCat(script.version()), Moment(script.publish_time()),
                 script.title()});
    }
    if (!table.empty()) out << table;
    PrintMore(response.next_page_token(), out);
  });
  return absl::OkStatus();
}

absl::Status ShowScript(Session& session, const ShowArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::GetScriptRequest request;
  request.set_script_id(arguments.script);
  request.set_version(arguments.version);
  ASSIGN_OR_RETURN(const calls::v1::GetScriptResponse response,
                   calls.Call(&Scripts::GetScript, request));
  session.Print(response, [&](std::ostream& out) {
    PrintScript(response.script(), arguments.language, out);
  });
  return absl::OkStatus();
}

// "MEALS PRIORITY by no_meals_soon: food is left for one day at most".
std::string FoundInWords(const calls::v1::TestCaseResult& result, int i,
                         const std::string& language) {
  const calls::v1::Finding& finding = result.found(i);
  std::string text = NameOf(finding.kind());
  if (finding.kind() == calls::v1::FINDING_KIND_NEED) {
    text = absl::StrCat(NameOf(finding.need()), " ", NameOf(finding.urgency()));
  }
  absl::StrAppend(&text, " by ", finding.rule_id());
  if (i < result.explanations_size()) {
    absl::StrAppend(&text, ": ", TextIn(language, result.explanations(i).texts()));
  }
  return text;
}

void PrintResults(const calls::v1::TestScriptResponse& response, const std::string& language,
                  std::ostream& out) {
  int failed = 0;
  for (const calls::v1::TestCaseResult& result : response.results()) {
    failed += result.passed() ? 0 : 1;
    out << (result.passed() ? "passed  " : "FAILED  ") << result.name() << "\n";
    if (!result.passed()) out << "          " << result.difference() << "\n";
    for (int i = 0; i < result.found_size(); ++i) {
      out << "          " << FoundInWords(result, i, language) << "\n";
    }
  }
  out << response.results_size() - failed << " of " << response.results_size() << " cases passed\n";
}

absl::Status TestScript(Session& session, const TestArguments& arguments) {
  if (arguments.file.empty() == arguments.published.script.empty()) {
    return UsageError("name the FILE of a script, or a published one with --script ID");
  }
  ASSIGN_OR_RETURN(const Connection calls, session.Calls("coordinator"));
  calls::v1::TestScriptRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.cases, &request));
  if (!arguments.file.empty()) {
    RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_script()));
  } else {
    request.set_script_id(arguments.published.script);
    request.set_version(arguments.published.version);
  }
  ASSIGN_OR_RETURN(const calls::v1::TestScriptResponse response,
                   calls.Call(&Scripts::TestScript, request));
  int failed = 0;
  for (const calls::v1::TestCaseResult& result : response.results())
    failed += result.passed() ? 0 : 1;
  session.Print(response, [&](std::ostream& out) {
    PrintResults(response, arguments.published.language, out);
  });
  if (failed == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(failed, " of ", response.results_size(), " cases failed"));
}

void AddVersion(CLI::App& command, ShowArguments& arguments) {
  command.add_option("--script-version", arguments.version, "which version (the newest)")
      ->type_name("NUMBER")
      ->check(CLI::PositiveNumber.description("a number from 1"));
  command.add_option("--language", arguments.language, "in which language (the script's first)")
      ->type_name("TAG");
}

void DeclarePublish(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("publish", "Publishes a script; a published version never changes");
  command->footer(
      "\nFILE is the JSON of a veille.calls.v1.Script: questions, triage rules and the words by\n"
      "which agreement is asked for. deploy/samples/script.json is a whole one. A script that\n"
      "contradicts itself is refused, with each place. What a tenant asks for by a choice with a\n"
      "requested_need always becomes a finding, whatever the rules say.\n"
      "\nExample:\n"
      "  veillectl script test script.json --cases script-cases.json\n"
      "  veillectl script publish script.json\n"
      "  veillectl script publish script.json --script ID     as its next version\n"
      "\nNext: veillectl campaign create --help. Campaigns keep the version they were made with.");
  const auto arguments = std::make_shared<PublishArguments>();
  command->add_option("FILE", arguments->file, "the script; - is standard input")->required();
  command
      ->add_option("--script", arguments->script,
                   "the published script whose next version it becomes (a new script)")
      ->type_name("ID")
      ->check(IsUuid());
  session.On(command, [&session, arguments] { return Publish(session, *arguments); });
}

void DeclareScriptList(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("list", "Lists the landlord's scripts");
  command->footer(
      "\nExample:\n"
      "  veillectl script list\n"
      "\nNext: veillectl script show SCRIPT, with an id of the list.");
  const auto paging = std::make_shared<Paging>();
  DeclarePaging(*command, *paging);
  session.On(command, [&session, paging] { return ListScripts(session, *paging); });
}

void DeclareShow(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("show", "Shows what volunteers ask, and what answers mean");
  command->footer(
      "\nExample:\n"
      "  veillectl script show 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --language en\n"
      "  veillectl script show 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --json\n"
      "\nNext: veillectl script test --script SCRIPT --cases FILE tries it.");
  const auto arguments = std::make_shared<ShowArguments>();
  command->add_option("SCRIPT", arguments->script, "its id: script list shows them")
      ->required()
      ->check(IsUuid());
  AddVersion(*command, *arguments);
  session.On(command, [&session, arguments] { return ShowScript(session, *arguments); });
}

void DeclareTestScript(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("test", "Tries a script on invented answers; stores nothing");
  command->footer(
      "\nThe cases are JSON: answers, and what must be found, exactly. Each finding tells the\n"
      "rule and why. The exit code is 1 when a case fails. deploy/samples/script-cases.json are\n"
      "those of the sample script.\n"
      "\nExample:\n"
      "  veillectl script test script.json --cases script-cases.json --language en\n"
      "  veillectl script test --script 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --cases cases.json\n"
      "\n  {\"cases\": [{\"name\": \"food for one day\",\n"
      "     \"answers\": [{\"question_id\": \"meals\", \"boolean\": false},\n"
      "                 {\"question_id\": \"days_left\", \"number\": 1}],\n"
      "     \"expected\": [{\"kind\": \"FINDING_KIND_NEED\", \"need\": \"NEED_MEALS\",\n"
      "                   \"urgency\": \"URGENCY_PRIORITY\"}]}]}\n"
      "\nNext: veillectl script publish FILE, when all pass.");
  const auto arguments = std::make_shared<TestArguments>();
  command->add_option("FILE", arguments->file, "a script that need not be published");
  command->add_option("--script", arguments->published.script, "or a published one")
      ->type_name("ID")
      ->check(IsUuid());
  AddVersion(*command, arguments->published);
  command->add_option("--cases", arguments->cases, "the cases; - is standard input")
      ->type_name("FILE")
      ->required();
  session.On(command, [&session, arguments] { return TestScript(session, *arguments); });
}

}  // namespace

void DeclareScript(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("script", "What volunteers ask, and what answers mean");
  group->require_subcommand(1);
  DeclarePublish(*group, session);
  DeclareScriptList(*group, session);
  DeclareShow(*group, session);
  DeclareTestScript(*group, session);
}

}  // namespace veille::veillectl
