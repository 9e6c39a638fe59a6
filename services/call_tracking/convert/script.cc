#include "call_tracking/convert/script.h"

#include <algorithm>

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
using rpc::ReadLanguage;
using rpc::ReadNumber;
using rpc::ReadPage;
using rpc::ReadRequestId;
using rpc::ReadText;
using rpc::Violations;

namespace common = ::veille::common::v1;
using ProtoTexts = google::protobuf::RepeatedPtrField<common::LocalizedText>;

constexpr int kMostLanguages = 10;
constexpr int kMostQuestions = 200;
constexpr int kMostRules = 200;
constexpr int kMostChoices = 50;
constexpr int kMostAgreementTexts = 20;

LocalizedTexts ReadTexts(const std::string& field, const ProtoTexts& protos,
                         Violations& violations) {
  CheckCount(field, protos.size(), 0, kMostLanguages, violations);
  LocalizedTexts texts;
  for (int i = 0; i < std::min(protos.size(), kMostLanguages); ++i) {
    const std::string place = At(field, i);
    texts.push_back({ReadLanguage(In(place, "language"), protos[i].language(), violations),
                     ReadText(In(place, "text"), protos[i].text(), 1, 2000, violations)});
  }
  return texts;
}

Need ReadRequest(const std::string& field, common::Need need, Violations& violations) {
  if (need == common::NEED_UNSPECIFIED) return Need::kNone;
  return static_cast<Need>(ReadEnum<common::Need>(field, need, common::Need_IsValid, violations));
}

Question ReadQuestion(const std::string& field, const pb::Question& proto, Violations& violations) {
  Question question;
  question.id = ReadScriptName(In(field, "question_id"), proto.question_id(), violations);
  question.type = static_cast<QuestionType>(ReadEnum<pb::QuestionType>(
      In(field, "type"), proto.type(), pb::QuestionType_IsValid, violations));
  question.texts = ReadTexts(In(field, "texts"), proto.texts(), violations);
  const bool choice = proto.type() == pb::QUESTION_TYPE_CHOICE;
  CheckCount(In(field, "choices"), proto.choices_size(), choice ? 2 : 0, choice ? kMostChoices : 0,
             violations);
  for (int i = 0; i < std::min(proto.choices_size(), kMostChoices); ++i) {
    const std::string place = At(In(field, "choices"), i);
    const pb::Choice& given = proto.choices(i);
    question.choices.push_back(
        {ReadScriptName(In(place, "choice_id"), given.choice_id(), violations),
         ReadTexts(In(place, "labels"), given.labels(), violations),
         ReadRequest(In(place, "requested_need"), given.requested_need(), violations)});
  }
  if (proto.has_asked_if()) {
    question.asked_if = ReadCondition(In(field, "asked_if"), proto.asked_if(), violations);
  }
  question.health = proto.health();
  return question;
}

void ReadNeed(const std::string& field, const pb::NeedOutcome& proto, TriageRule& rule,
              Violations& violations) {
  rule.outcome = FindingKind::kNeed;
  rule.need = static_cast<Need>(
      ReadEnum<common::Need>(In(field, "need"), proto.need(), common::Need_IsValid, violations));
  rule.urgency = static_cast<Urgency>(ReadEnum<common::Urgency>(
      In(field, "urgency"), proto.urgency(), common::Urgency_IsValid, violations));
}

TriageRule ReadRule(const std::string& field, const pb::TriageRule& proto, Violations& violations) {
  TriageRule rule;
  rule.id = ReadScriptName(In(field, "rule_id"), proto.rule_id(), violations);
  if (proto.has_condition()) {
    rule.condition = ReadCondition(In(field, "condition"), proto.condition(), violations);
  } else {
    violations.Add(In(field, "condition"), "is required");
  }
  switch (proto.outcome_case()) {
    case pb::TriageRule::kNeed:
      ReadNeed(In(field, "need"), proto.need(), rule, violations);
      break;
    case pb::TriageRule::kWeeklyCall:
      rule.outcome = FindingKind::kWeeklyCall;
      break;
    case pb::TriageRule::kAllWell:
      rule.outcome = FindingKind::kAllWell;
      break;
    case pb::TriageRule::OUTCOME_NOT_SET:
      violations.Add(field, "must name an outcome");
  }
  rule.explanations = ReadTexts(In(field, "explanations"), proto.explanations(), violations);
  return rule;
}

AgreementText ReadAgreementText(const std::string& field, const pb::AgreementText& proto,
                                Violations& violations) {
  return {.version = ReadText(In(field, "text_version"), proto.text_version(), 1, 64, violations),
          .kind = static_cast<AgreementKind>(ReadEnum<pb::AgreementKind>(
              In(field, "kind"), proto.kind(), pb::AgreementKind_IsValid, violations)),
          .texts = ReadTexts(In(field, "texts"), proto.texts(), violations)};
}

template <typename Texts>
void SetTexts(const LocalizedTexts& texts, Texts* protos) {
  for (const LocalizedText& text : texts) {
    auto& added = *protos->Add();
    added.set_language(text.language);
    added.set_text(text.text);
  }
}

pb::Question ToProto(const Question& question) {
  pb::Question proto;
  proto.set_question_id(question.id);
  proto.set_type(static_cast<pb::QuestionType>(question.type));
  SetTexts(question.texts, proto.mutable_texts());
  for (const Choice& choice : question.choices) {
    auto& added = *proto.add_choices();
    added.set_choice_id(choice.id);
    SetTexts(choice.labels, added.mutable_labels());
    added.set_requested_need(static_cast<common::Need>(choice.requested));
  }
  if (question.asked_if.has_value()) {
    *proto.mutable_asked_if() = call_tracking::ToProto(*question.asked_if);
  }
  proto.set_health(question.health);
  return proto;
}

pb::TriageRule ToProto(const TriageRule& rule) {
  pb::TriageRule proto;
  proto.set_rule_id(rule.id);
  *proto.mutable_condition() = call_tracking::ToProto(rule.condition);
  switch (rule.outcome) {
    case FindingKind::kNeed:
      proto.mutable_need()->set_need(static_cast<common::Need>(rule.need));
      proto.mutable_need()->set_urgency(static_cast<common::Urgency>(rule.urgency));
      break;
    case FindingKind::kWeeklyCall:
      proto.mutable_weekly_call();
      break;
    case FindingKind::kAllWell:
      proto.mutable_all_well();
  }
  SetTexts(rule.explanations, proto.mutable_explanations());
  return proto;
}

}  // namespace

Script ReadScript(const std::string& field, const pb::Script& proto, Violations& violations) {
  Script script;
  script.title = ReadText(In(field, "title"), proto.title(), 1, 200, violations);
  CheckCount(In(field, "languages"), proto.languages_size(), 1, kMostLanguages, violations);
  for (int i = 0; i < std::min(proto.languages_size(), kMostLanguages); ++i) {
    script.languages.push_back(
        ReadLanguage(At(In(field, "languages"), i), proto.languages(i), violations));
  }
  CheckCount(In(field, "questions"), proto.questions_size(), 1, kMostQuestions, violations);
  for (int i = 0; i < std::min(proto.questions_size(), kMostQuestions); ++i) {
    script.questions.push_back(
        ReadQuestion(At(In(field, "questions"), i), proto.questions(i), violations));
  }
  CheckCount(In(field, "rules"), proto.rules_size(), 1, kMostRules, violations);
  for (int i = 0; i < std::min(proto.rules_size(), kMostRules); ++i) {
    script.rules.push_back(ReadRule(At(In(field, "rules"), i), proto.rules(i), violations));
  }
  const std::string agreements = In(field, "agreement_texts");
  CheckCount(agreements, proto.agreement_texts_size(), 0, kMostAgreementTexts, violations);
  for (int i = 0; i < std::min(proto.agreement_texts_size(), kMostAgreementTexts); ++i) {
    script.agreement_texts.push_back(
        ReadAgreementText(At(agreements, i), proto.agreement_texts(i), violations));
  }
  script.emergency_instructions =
      ReadTexts(In(field, "emergency_instructions"), proto.emergency_instructions(), violations);
  return script;
}

absl::StatusOr<ScriptPublication> FromProto(const pb::PublishScriptRequest& request) {
  Violations violations;
  ScriptPublication publication;
  publication.request = ReadRequestId(request.request_id(), violations);
  if (request.has_script()) {
    publication.script = ReadScript("script", request.script(), violations);
    if (!request.script().script_id().empty()) {
      publication.script.id =
          ReadId<ScriptId>("script.script_id", request.script().script_id(), violations);
    }
  } else {
    violations.Add("script", "is required");
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return publication;
}

absl::StatusOr<ScriptLookup> FromProto(const pb::GetScriptRequest& request) {
  Violations violations;
  const ScriptLookup lookup{.id = ReadId<ScriptId>("script_id", request.script_id(), violations),
                            .version = static_cast<int>(ReadNumber("version", request.version(), 0,
                                                                   INT32_MAX, violations))};
  RETURN_IF_ERROR(violations.ToStatus());
  return lookup;
}

absl::StatusOr<rpc::Page> FromProto(const pb::ListScriptsRequest& request) {
  Violations violations;
  const rpc::Page page = ReadPage(request.page_size(), request.page_token(), violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return page;
}

errors::Violations ToViolations(const std::vector<ScriptFault>& faults) {
  Violations violations;
  for (const ScriptFault& fault : faults) violations.Add(In("script", fault.place), fault.fault);
  return violations;
}

pb::Script ToProto(const Script& script) {
  pb::Script proto;
  if (!script.id.is_nil()) proto.set_script_id(script.id.ToString());
  proto.set_version(script.version);
  proto.set_title(script.title);
  for (const std::string& language : script.languages) proto.add_languages(language);
  for (const Question& question : script.questions) *proto.add_questions() = ToProto(question);
  for (const TriageRule& rule : script.rules) *proto.add_rules() = ToProto(rule);
  for (const AgreementText& text : script.agreement_texts) {
    auto& added = *proto.add_agreement_texts();
    added.set_text_version(text.version);
    added.set_kind(static_cast<pb::AgreementKind>(text.kind));
    SetTexts(text.texts, added.mutable_texts());
  }
  SetTexts(script.emergency_instructions, proto.mutable_emergency_instructions());
  if (script.version > 0) *proto.mutable_publish_time() = rpc::ToProto(script.publish_time);
  return proto;
}

std::string ToBody(const Script& script) {
  pb::Script proto = ToProto(script);
  proto.clear_script_id();
  proto.clear_version();
  proto.clear_publish_time();
  return proto.SerializeAsString();
}

absl::StatusOr<Script> FromBody(const std::string& body) {
  pb::Script proto;
  Violations violations;
  if (!proto.ParseFromString(body)) return errors::Internal("a stored script does not read");
  Script script = ReadScript("script", proto, violations);
  if (!violations.empty()) return errors::Internal("a stored script breaks its rules");
  return script;
}

}  // namespace veille::call_tracking
