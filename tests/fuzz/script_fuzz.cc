// Any text as the file of a script: it is refused with a usage error, or it is a message; whose
// faults are named, all at once; or it makes sense, and keeps all it says when it is stored, and
// decides the same each time.

#include <cstdlib>
#include <iostream>
#include <string>

#include "call_tracking/convert/script.h"
#include "call_tracking/domain/script_check.h"
#include "call_tracking/domain/script_trial.h"
#include "fuzz/fuzz_target.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"

namespace {

using namespace veille;                 // NOLINT: the script is the subject
using namespace veille::call_tracking;  // NOLINT

void Expect(bool holds, const char* what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

// The first choice, yes, or one to every question.
ScriptCase AnyCase(const Script& script) {
  ScriptCase tried;
  for (const Question& question : script.questions) {
    Answer answer{.tenant = {}, .question = question.id, .value = true};
    if (question.type == QuestionType::kText) continue;
    if (question.type == QuestionType::kNumber) answer.value = int64_t{1};
    if (question.type == QuestionType::kChoice) {
      answer.value = ChosenChoice{question.choices.front().id};
    }
    tried.answers.push_back(answer);
  }
  return tried;
}

void CheckSense(const Script& script) {
  const std::string body = ToBody(script);
  const auto read = FromBody(body);
  Expect(read.ok() && ToBody(*read) == body, "what is stored is what was said");
  Expect(CheckScript(*read).empty(), "what makes sense makes sense when it was stored");
  for (const Question& question : script.questions) {
    Expect(FindQuestion(*read, question.id) != nullptr, "questions are found");
  }
  const ScriptCase tried = AnyCase(script);
  const ScriptCaseResult first = Try(script, tried);
  const ScriptCaseResult again = Try(*read, tried);
  Expect(first.found.size() == again.found.size() && first.difference == again.difference,
         "it decides the same each time");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  call_tracking::pb::PublishScriptRequest request;
  const absl::Status read = veillectl::ReadMessageText("file", text, request.mutable_script());
  if (!read.ok()) {
    Expect(veillectl::ExitCodeOf(read) == veillectl::kUsage, "no script is a usage error");
    return 0;
  }
  request.set_request_id("00000000-0000-4000-8000-000000000001");
  const auto publication = FromProto(request);
  if (!publication.ok()) {
    Expect(absl::IsInvalidArgument(publication.status()), "faults are invalid arguments");
    return 0;
  }
  const auto faults = CheckScript(publication->script);
  for (const ScriptFault& fault : faults) {
    Expect(!fault.place.empty() && !fault.fault.empty(), "a fault has a place");
  }
  if (faults.empty()) CheckSense(publication->script);
  return 0;
}
