#include "call_tracking/convert/script_test_case.h"

#include <algorithm>
#include <set>

#include "call_tracking/convert/condition.h"
#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::In;
using rpc::ReadEnum;
using rpc::ReadId;
using rpc::ReadNumber;
using rpc::ReadText;
using rpc::Violations;

namespace common = ::veille::common::v1;

constexpr int kMostCases = 200;
constexpr int kMostCaseAnswers = 200;
constexpr int kMostExpected = 50;
constexpr int64_t kLargestCaseNumber = 1'000'000;

Answer ReadCaseAnswer(const std::string& field, const pb::Answer& proto, Violations& violations) {
  Answer answer;
  // A case is about one subject who is nobody.
  if (!proto.tenant_id().empty()) {
    violations.Add(In(field, "tenant_id"), "must be empty: a case is about nobody");
  }
  answer.question = ReadScriptName(In(field, "question_id"), proto.question_id(), violations);
  switch (proto.value_case()) {
    case pb::Answer::kBoolean:
      answer.value = proto.boolean();
      break;
    case pb::Answer::kChoiceId:
      answer.value =
          ChosenChoice{ReadScriptName(In(field, "choice_id"), proto.choice_id(), violations)};
      break;
    case pb::Answer::kNumber:
      answer.value = ReadNumber(In(field, "number"), proto.number(), -kLargestCaseNumber,
                                kLargestCaseNumber, violations);
      break;
    case pb::Answer::kText:
      answer.value = OwnWords{ReadText(In(field, "text"), proto.text(), 1, 2000, violations)};
      break;
    case pb::Answer::VALUE_NOT_SET:
      violations.Add(field, "must give an answer");
  }
  return answer;
}

ExpectedFinding ReadExpected(const std::string& field, const pb::ExpectedFinding& proto,
                             Violations& violations) {
  ExpectedFinding expected;
  expected.kind = static_cast<FindingKind>(ReadEnum<pb::FindingKind>(
      In(field, "kind"), proto.kind(), pb::FindingKind_IsValid, violations));
  if (proto.kind() == pb::FINDING_KIND_NEED) {
    expected.need = static_cast<Need>(
        ReadEnum<common::Need>(In(field, "need"), proto.need(), common::Need_IsValid, violations));
    expected.urgency = static_cast<Urgency>(ReadEnum<common::Urgency>(
        In(field, "urgency"), proto.urgency(), common::Urgency_IsValid, violations));
    return expected;
  }
  if (proto.need() != 0) violations.Add(In(field, "need"), "is only given with NEED");
  if (proto.urgency() != 0) violations.Add(In(field, "urgency"), "is only given with NEED");
  return expected;
}

ScriptCase ReadCase(const std::string& field, const pb::TestCase& proto, Violations& violations) {
  ScriptCase read;
  read.name = ReadText(In(field, "name"), proto.name(), 1, 200, violations);
  CheckCount(In(field, "answers"), proto.answers_size(), 0, kMostCaseAnswers, violations);
  std::set<std::string> answered;
  for (int i = 0; i < std::min(proto.answers_size(), kMostCaseAnswers); ++i) {
    const std::string place = At(In(field, "answers"), i);
    read.answers.push_back(ReadCaseAnswer(place, proto.answers(i), violations));
    if (!answered.insert(read.answers.back().question).second) {
      violations.Add(In(place, "question_id"), "is answered already");
    }
  }
  CheckCount(In(field, "expected"), proto.expected_size(), 0, kMostExpected, violations);
  for (int i = 0; i < std::min(proto.expected_size(), kMostExpected); ++i) {
    read.expected.push_back(
        ReadExpected(At(In(field, "expected"), i), proto.expected(i), violations));
  }
  return read;
}

}  // namespace

absl::StatusOr<ScriptTest> FromProto(const pb::TestScriptRequest& request) {
  Violations violations;
  ScriptTest test;
  switch (request.source_case()) {
    case pb::TestScriptRequest::kScript:
      test.script = ReadScript("script", request.script(), violations);
      break;
    case pb::TestScriptRequest::kScriptId:
      test.published.id = ReadId<ScriptId>("script_id", request.script_id(), violations);
      test.published.version =
          static_cast<int>(ReadNumber("version", request.version(), 0, INT32_MAX, violations));
      break;
    case pb::TestScriptRequest::SOURCE_NOT_SET:
      violations.Add("script", "or script_id is required");
  }
  CheckCount("cases", request.cases_size(), 1, kMostCases, violations);
  std::set<std::string> names;
  for (int i = 0; i < std::min(request.cases_size(), kMostCases); ++i) {
    test.cases.push_back(ReadCase(At("cases", i), request.cases(i), violations));
    if (!names.insert(test.cases.back().name).second) {
      violations.Add(In(At("cases", i), "name"), "is the name of another case");
    }
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return test;
}

namespace {

void SetTexts(const LocalizedTexts& texts, pb::Explanation& proto) {
  for (const LocalizedText& text : texts) {
    auto& added = *proto.add_texts();
    added.set_language(text.language);
    added.set_text(text.text);
  }
}

}  // namespace

pb::TestCaseResult ToProto(const ScriptCaseResult& result) {
  pb::TestCaseResult proto;
  proto.set_name(result.name);
  proto.set_passed(result.difference.empty());
  proto.set_difference(result.difference);
  for (const Finding& finding : result.found) {
    auto& added = *proto.add_found();
    added.set_kind(static_cast<pb::FindingKind>(finding.kind));
    added.set_need(static_cast<common::Need>(finding.need));
    added.set_urgency(static_cast<common::Urgency>(finding.urgency));
    added.set_rule_id(finding.rule);
  }
  for (const LocalizedTexts& why : result.why) SetTexts(why, *proto.add_explanations());
  return proto;
}

}  // namespace veille::call_tracking
