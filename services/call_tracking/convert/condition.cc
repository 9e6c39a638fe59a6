#include "call_tracking/convert/condition.h"

#include <algorithm>

#include "common/rpc/fields.h"

namespace veille::call_tracking {
namespace {

using rpc::At;
using rpc::CheckCount;
using rpc::In;
using rpc::Violations;

constexpr int kDeepest = 5;
constexpr int kMostParts = 20;

AnswerTest ReadTest(const std::string& field, const pb::AnswerTest& proto, Violations& violations) {
  AnswerTest test;
  test.question = ReadScriptName(In(field, "question_id"), proto.question_id(), violations);
  switch (proto.test_case()) {
    case pb::AnswerTest::kEqualsBoolean:
      test.test = AnswerTest::EqualsBoolean{proto.equals_boolean()};
      break;
    case pb::AnswerTest::kEqualsChoice:
      test.test = AnswerTest::EqualsChoice{
          ReadScriptName(In(field, "equals_choice"), proto.equals_choice(), violations)};
      break;
    case pb::AnswerTest::kAtLeast:
      test.test = AnswerTest::AtLeast{proto.at_least()};
      break;
    case pb::AnswerTest::kAtMost:
      test.test = AnswerTest::AtMost{proto.at_most()};
      break;
    case pb::AnswerTest::kAnswered:
      if (!proto.answered()) {
        violations.Add(In(field, "answered"), "must be true; use a negation for no answer");
      }
      test.test = AnswerTest::Answered{};
      break;
    case pb::AnswerTest::TEST_NOT_SET:
      violations.Add(field, "must name what the answer must be");
  }
  return test;
}

Condition ReadNested(const std::string& field, const pb::Condition& proto, int depth,
                     Violations& violations);

std::vector<Condition> ReadParts(const std::string& field, const pb::ConditionList& list, int depth,
                                 Violations& violations) {
  CheckCount(In(field, "conditions"), list.conditions_size(), 1, kMostParts, violations);
  std::vector<Condition> parts;
  for (int i = 0; i < std::min(list.conditions_size(), kMostParts); ++i) {
    parts.push_back(
        ReadNested(At(In(field, "conditions"), i), list.conditions(i), depth + 1, violations));
  }
  return parts;
}

Condition ReadNested(const std::string& field, const pb::Condition& proto, int depth,
                     Violations& violations) {
  Condition condition;
  if (depth > kDeepest) {
    violations.Add(field, "is nested more than 5 deep");
    return condition;
  }
  switch (proto.condition_case()) {
    case pb::Condition::kAnswer:
      condition.answer = ReadTest(In(field, "answer"), proto.answer(), violations);
      break;
    case pb::Condition::kAll:
      condition.kind = Condition::Kind::kAll;
      condition.parts = ReadParts(In(field, "all"), proto.all(), depth, violations);
      break;
    case pb::Condition::kAny:
      condition.kind = Condition::Kind::kAny;
      condition.parts = ReadParts(In(field, "any"), proto.any(), depth, violations);
      break;
    case pb::Condition::kNegation:
      condition.kind = Condition::Kind::kNot;
      condition.parts = {
          ReadNested(In(field, "negation"), proto.negation(), depth + 1, violations)};
      break;
    case pb::Condition::CONDITION_NOT_SET:
      violations.Add(field, "must name what must hold");
  }
  return condition;
}

struct SetTest {
  pb::AnswerTest& proto;
  void operator()(const AnswerTest::EqualsBoolean& test) const {
    proto.set_equals_boolean(test.value);
  }
  void operator()(const AnswerTest::EqualsChoice& test) const {
    proto.set_equals_choice(test.choice);
  }
  void operator()(const AnswerTest::AtLeast& test) const { proto.set_at_least(test.value); }
  void operator()(const AnswerTest::AtMost& test) const { proto.set_at_most(test.value); }
  void operator()(const AnswerTest::Answered&) const { proto.set_answered(true); }
};

}  // namespace

Condition ReadCondition(const std::string& field, const pb::Condition& proto,
                        Violations& violations) {
  return ReadNested(field, proto, 1, violations);
}

pb::Condition ToProto(const Condition& condition) {
  pb::Condition proto;
  switch (condition.kind) {
    case Condition::Kind::kAnswer:
      proto.mutable_answer()->set_question_id(condition.answer.question);
      std::visit(SetTest{*proto.mutable_answer()}, condition.answer.test);
      break;
    case Condition::Kind::kAll:
      for (const Condition& part : condition.parts) {
        *proto.mutable_all()->add_conditions() = ToProto(part);
      }
      break;
    case Condition::Kind::kAny:
      for (const Condition& part : condition.parts) {
        *proto.mutable_any()->add_conditions() = ToProto(part);
      }
      break;
    case Condition::Kind::kNot:
      *proto.mutable_negation() = ToProto(condition.parts.front());
  }
  return proto;
}

std::string ReadScriptName(const std::string& field, const std::string& name,
                           Violations& violations) {
  const bool fits =
      !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!fits) {
    violations.Add(field, name.empty()
                              ? "is required"
                              : "must be 1 to 64 lower-case letters, digits and underscores");
  }
  return name;
}

}  // namespace veille::call_tracking
