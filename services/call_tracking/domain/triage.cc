#include "call_tracking/domain/triage.h"

#include <algorithm>

namespace veille::call_tracking {
namespace {

const Answer* FindAnswer(const std::vector<Answer>& answers, ids::TenantId tenant,
                         const std::string& question) {
  const auto found = std::find_if(answers.begin(), answers.end(), [&](const Answer& answer) {
    return answer.tenant == tenant && answer.question == question;
  });
  return found == answers.end() ? nullptr : &*found;
}

// Whether one answer passes one test.
struct Passes {
  const Answer& answer;

  bool operator()(const AnswerTest::EqualsBoolean& test) const {
    const bool* said = std::get_if<bool>(&answer.value);
    return said != nullptr && *said == test.value;
  }
  bool operator()(const AnswerTest::EqualsChoice& test) const {
    const ChosenChoice* said = std::get_if<ChosenChoice>(&answer.value);
    return said != nullptr && said->id == test.choice;
  }
  bool operator()(const AnswerTest::AtLeast& test) const {
    const int64_t* said = std::get_if<int64_t>(&answer.value);
    return said != nullptr && *said >= test.value;
  }
  bool operator()(const AnswerTest::AtMost& test) const {
    const int64_t* said = std::get_if<int64_t>(&answer.value);
    return said != nullptr && *said <= test.value;
  }
  bool operator()(const AnswerTest::Answered&) const { return true; }
};

bool SameSubject(const Finding& a, const Finding& b) {
  return a.tenant == b.tenant && a.kind == b.kind && a.need == b.need;
}

// Adds a finding, or lets the more urgent of two with the same need stand.
void Merge(std::vector<Finding>& findings, Finding finding) {
  const auto same = std::find_if(findings.begin(), findings.end(),
                                 [&](const Finding& known) { return SameSubject(known, finding); });
  if (same == findings.end()) {
    findings.push_back(std::move(finding));
    return;
  }
  if (finding.urgency > same->urgency) {
    same->urgency = finding.urgency;
    if (!finding.rule.empty()) same->rule = finding.rule;
  }
  if (finding.raised) {
    same->raised = true;
    same->words = finding.words;
  }
}

Finding FoundBy(const TriageRule& rule, ids::TenantId tenant) {
  Finding finding;
  finding.tenant = tenant;
  finding.kind = rule.outcome;
  finding.need = rule.need;
  finding.urgency = rule.urgency;
  finding.rule = rule.id;
  return finding;
}

Finding Requested(Need need, ids::TenantId tenant) {
  Finding finding;
  finding.tenant = tenant;
  finding.kind = FindingKind::kNeed;
  finding.need = need;
  finding.urgency = Urgency::kRoutine;
  finding.rule = kStatedRequest;
  return finding;
}

// What the subject asks for by this answer.
Need RequestedBy(const Script& script, const Answer& answer) {
  const Choice* choice = FindChoice(script, answer);
  return choice == nullptr ? Need::kNone : choice->requested;
}

Finding HeardOf(const RaisedFinding& heard) {
  Finding finding;
  finding.tenant = heard.tenant;
  finding.kind = FindingKind::kNeed;
  finding.need = heard.need;
  finding.urgency = heard.urgency;
  finding.raised = true;
  finding.words = heard.words;
  return finding;
}

std::vector<ids::TenantId> SubjectsOf(const std::vector<Answer>& answers,
                                      const std::vector<RaisedFinding>& raised) {
  std::vector<ids::TenantId> subjects;
  const auto add = [&subjects](ids::TenantId tenant) {
    if (std::find(subjects.begin(), subjects.end(), tenant) == subjects.end()) {
      subjects.push_back(tenant);
    }
  };
  for (const Answer& answer : answers) add(answer.tenant);
  for (const RaisedFinding& finding : raised) add(finding.tenant);
  return subjects;
}

std::vector<Finding> TriageSubject(const Script& script, const std::vector<Answer>& answers,
                                   const std::vector<RaisedFinding>& raised, ids::TenantId tenant) {
  std::vector<Finding> findings;
  for (const TriageRule& rule : script.rules) {
    if (!Holds(rule.condition, answers, tenant)) continue;
    Merge(findings, FoundBy(rule, tenant));
  }
  for (const Answer& answer : answers) {
    const Need need = RequestedBy(script, answer);
    if (answer.tenant == tenant && need != Need::kNone) Merge(findings, Requested(need, tenant));
  }
  for (const RaisedFinding& heard : raised) {
    if (heard.tenant != tenant) continue;
    Merge(findings, HeardOf(heard));
  }
  const auto well = [](const Finding& finding) { return finding.kind == FindingKind::kAllWell; };
  if (!std::all_of(findings.begin(), findings.end(), well)) std::erase_if(findings, well);
  return findings;
}

// What the subject said about this finding; null when it was not asked.
const Agreement* AgreementOn(const Finding& finding, const std::vector<Agreement>& agreements) {
  const AgreementKind kind =
      finding.kind == FindingKind::kNeed ? AgreementKind::kShareNeed : AgreementKind::kWeeklyCall;
  const auto found =
      std::find_if(agreements.begin(), agreements.end(), [&](const Agreement& agreement) {
        return agreement.tenant == finding.tenant && agreement.kind == kind &&
               agreement.need == finding.need;
      });
  return found == agreements.end() ? nullptr : &*found;
}

void SettleOne(Finding& finding, const Agreement* agreement) {
  if (finding.kind == FindingKind::kAllWell) return;
  const bool need = finding.kind == FindingKind::kNeed;
  const bool emergency = finding.urgency == Urgency::kEmergency;
  const bool agreed = agreement != nullptr && agreement->agreed;
  if (need && agreed) {
    finding.basis = SharingBasis::kAgreement;
    finding.shared_words = agreement->words;
    finding.agreement_text = agreement->text_version;
    finding.register_entry = agreement->register_entry;
  } else if (need && emergency && agreement == nullptr &&
             finding.need != Need::kMunicipalRegister) {
    finding.basis = SharingBasis::kVitalInterest;
  }
  if (emergency) {
    finding.decision = DecisionReason::kEmergency;
  } else if (!agreed) {
    finding.decision = DecisionReason::kNotAgreed;
  }
}

}  // namespace

bool Holds(const Condition& condition, const std::vector<Answer>& answers, ids::TenantId tenant) {
  const auto holds = [&](const Condition& part) { return Holds(part, answers, tenant); };
  switch (condition.kind) {
    case Condition::Kind::kAnswer: {
      const Answer* answer = FindAnswer(answers, tenant, condition.answer.question);
      return answer != nullptr && std::visit(Passes{*answer}, condition.answer.test);
    }
    case Condition::Kind::kAll:
      return std::all_of(condition.parts.begin(), condition.parts.end(), holds);
    case Condition::Kind::kAny:
      return std::any_of(condition.parts.begin(), condition.parts.end(), holds);
    case Condition::Kind::kNot:
      return std::none_of(condition.parts.begin(), condition.parts.end(), holds);
  }
  return false;
}

std::vector<Finding> Triage(const Script& script, const std::vector<Answer>& answers,
                            const std::vector<RaisedFinding>& raised) {
  std::vector<Finding> findings;
  for (const ids::TenantId tenant : SubjectsOf(answers, raised)) {
    for (Finding& finding : TriageSubject(script, answers, raised, tenant)) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

LocalizedTexts WhyFound(const Script& script, const std::vector<Answer>& answers,
                        const Finding& finding) {
  if (const TriageRule* rule = FindRule(script, finding.rule)) return rule->explanations;
  if (finding.rule != kStatedRequest) return {};
  const auto request = std::find_if(answers.begin(), answers.end(), [&](const Answer& answer) {
    return answer.tenant == finding.tenant && RequestedBy(script, answer) == finding.need;
  });
  return request == answers.end() ? LocalizedTexts() : FindChoice(script, *request)->labels;
}

bool IsAsked(const Question& question, const std::vector<Answer>& answers, ids::TenantId tenant) {
  return !question.asked_if.has_value() || Holds(*question.asked_if, answers, tenant);
}

void Settle(std::vector<Finding>& findings, const std::vector<Agreement>& agreements) {
  for (Finding& finding : findings) SettleOne(finding, AgreementOn(finding, agreements));
}

LocalizedTexts EmergencyInstructions(const Script& script) {
  if (!script.emergency_instructions.empty()) return script.emergency_instructions;
  static const LocalizedTexts kOwn = {
      {"fr",
       "Appelez tout de suite le 15 (SAMU) ou le 112 ; pour une personne sourde ou malentendante, "
       "le "
       "114 par SMS. Restez en ligne avec la personne jusqu'à l'arrivée des secours."},
      {"en",
       "Call 15 (ambulance) or 112 at once; for a deaf person, 114 by text message. Stay on the "
       "line "
       "with the person until help has arrived."}};
  LocalizedTexts texts;
  for (const LocalizedText& text : kOwn) {
    for (const std::string& language : script.languages) {
      if (language.substr(0, 2) == text.language) {
        texts.push_back({language, text.text});
      }
    }
  }
  return texts.empty() ? kOwn : texts;
}

}  // namespace veille::call_tracking
