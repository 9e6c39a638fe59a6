#pragma once

// A call script: questions, and triage rules as data. A published version never changes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"

namespace veille::call_tracking {

struct LocalizedText {
  std::string language;  // BCP 47
  std::string text;
  friend bool operator==(const LocalizedText&, const LocalizedText&) = default;
};
using LocalizedTexts = std::vector<LocalizedText>;

enum class QuestionType { kBoolean = 1, kChoice = 2, kNumber = 3, kText = 4 };

struct Choice {
  std::string id;
  LocalizedTexts labels;
  Need requested = Need::kNone;  // what a tenant who chooses this asks for: always a finding
};

// What the answer to one question must be. A question without an answer never holds.
struct AnswerTest {
  struct EqualsBoolean {
    bool value;
  };
  struct EqualsChoice {
    std::string choice;
  };
  struct AtLeast {
    int64_t value;
  };
  struct AtMost {
    int64_t value;
  };
  struct Answered {};

  std::string question;
  std::variant<EqualsBoolean, EqualsChoice, AtLeast, AtMost, Answered> test;
};

struct Condition {
  enum class Kind { kAnswer, kAll, kAny, kNot };
  Kind kind = Kind::kAnswer;
  AnswerTest answer;             // of kAnswer
  std::vector<Condition> parts;  // of kAll and kAny: 1 or more; of kNot: exactly one
};

struct Question {
  std::string id;
  QuestionType type = QuestionType::kBoolean;
  LocalizedTexts texts;
  std::vector<Choice> choices;        // of kChoice
  std::optional<Condition> asked_if;  // absent: always asked
  bool health = false;                // stored only with the subject's recorded agreement
};

struct TriageRule {
  std::string id;
  Condition condition;
  FindingKind outcome = FindingKind::kNeed;
  Need need = Need::kNone;           // of kNeed
  Urgency urgency = Urgency::kNone;  // of kNeed
  LocalizedTexts explanations;
};

struct AgreementText {
  std::string version;
  AgreementKind kind = AgreementKind::kShareNeed;
  LocalizedTexts texts;
};

struct Script {
  ScriptId id;
  int version = 0;  // from 1; 0 is not published yet
  std::string title;
  std::vector<std::string> languages;
  std::vector<Question> questions;  // in the order of the call
  std::vector<TriageRule> rules;
  std::vector<AgreementText> agreement_texts;
  LocalizedTexts emergency_instructions;  // empty: the service's own
  absl::Time publish_time = absl::InfinitePast();
};

// The rule of findings that tenants asked for themselves; no rule of a script has this id.
inline constexpr std::string_view kStatedRequest = "stated_request";

// Null when the script has none of that id.
const Question* FindQuestion(const Script& script, std::string_view id);
const TriageRule* FindRule(const Script& script, std::string_view id);
const AgreementText* FindAgreementText(const Script& script, std::string_view version);

// What was chosen; null when the answer is no choice of the script.
const Choice* FindChoice(const Script& script, const Answer& answer);

}  // namespace veille::call_tracking
