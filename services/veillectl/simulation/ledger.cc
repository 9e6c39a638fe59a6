#include "veillectl/simulation/ledger.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace veille::veillectl {
namespace {

// How a cohort of tenants over 70 answered in spring 2020, in proportion: of 2,320 households 18
// were in need of help and 68 lonely. Somebody who needs help may refuse that it is passed on.
constexpr double kNeedHelp = 0.0095;
constexpr double kAreLonely = 0.0310;
constexpr double kRefuseToTalk = 0.0050;
constexpr double kShareNeed = 0.80;
constexpr double kWantWeeklyCall = 0.95;
constexpr double kNeedTwoThings = 0.10;
constexpr double kAskToCallBack = 0.0100;
constexpr double kHaveSomebodyAnswer = 0.0200;  // a relative, where all is well
constexpr double kKeepHealthAnswers = 0.90;
constexpr double kCannotWait = 0.40;  // of needs that only the volunteer heard of

constexpr int kUsualMaximum = 5;  // of attempts without a rule (calls/v1/campaign.proto)

struct Want {
  common::v1::Need need;
  double share;  // of those who need help
  const char* words;
};
constexpr std::array<Want, 7> kWants = {{
    {common::v1::NEED_MEALS, 0.62, "Des repas portés à domicile."},
    {common::v1::NEED_GROCERIES, 0.12, "Que quelqu'un fasse les courses."},
    {common::v1::NEED_MEDICINES, 0.10, "Aller chercher les médicaments à la pharmacie."},
    {common::v1::NEED_HOME_HELP, 0.06, "L'aide à domicile ne vient plus."},
    {common::v1::NEED_HEALTH_CARE, 0.04, "Les soins infirmiers sont interrompus."},
    {common::v1::NEED_ADMIN, 0.03, "Un courrier de la caisse de retraite à comprendre."},
    {common::v1::NEED_DIGITAL, 0.03, "Installer la tablette pour voir la famille."},
}};

// What kind of telephone call a household is.
enum class Temper { kWell, kNeedsHelp, kLonely, kRefuses };

Temper TemperOf(const Dice& dice) {
  double roll = dice.Roll("temper");
  if ((roll -= kNeedHelp) < 0) return Temper::kNeedsHelp;
  if ((roll -= kAreLonely) < 0) return Temper::kLonely;
  if ((roll -= kRefuseToTalk) < 0) return Temper::kRefuses;
  return Temper::kWell;
}

const Want& WantOf(const Dice& dice, std::string_view what) {
  double roll = dice.Roll(what);
  for (const Want& want : kWants) {
    if ((roll -= want.share) < 0) return want;
  }
  return kWants.front();
}

std::vector<Want> WantsOf(const Dice& dice) {
  std::vector<Want> wants = {WantOf(dice, "want")};
  const Want& second = WantOf(dice, "second want");
  if (dice.Hits("two wants", kNeedTwoThings) && second.need != wants[0].need) {
    wants.push_back(second);
  }
  return wants;
}

// What a household's line does when nobody picks up: it is the same line at each attempt.
calls::v1::Disposition UnansweredAt(const Dice& dice) {
  const double roll = dice.Roll("line");
  if (roll < 0.62) return calls::v1::DISPOSITION_NO_ANSWER;
  if (roll < 0.85) return calls::v1::DISPOSITION_VOICEMAIL_LEFT;
  if (roll < 0.95) return calls::v1::DISPOSITION_VOICEMAIL_NO_MESSAGE;
  return calls::v1::DISPOSITION_BUSY;
}

const calls::v1::RetryRule* RuleFor(calls::v1::Disposition disposition,
                                    const SimulationSettings& settings) {
  const auto& rules = settings.retry_rules;
  const auto found = std::find_if(
      rules.begin(), rules.end(),
      [&](const calls::v1::RetryRule& rule) { return rule.disposition() == disposition; });
  return found == rules.end() ? nullptr : &*found;
}

// The conversation of one household, written down as it is foreseen.
class Talk {
 public:
  Talk(const Callee& callee, const SimulationSettings& settings, Conversations& conversations)
      : callee_(callee),
        settings_(settings),
        conversations_(conversations),
        dice_(settings.seed, callee.key),
        temper_(TemperOf(dice_)),
        spokesman_(callee.subjects[dice_.Pick("spokesman", callee.subjects.size())]) {}

  ForeseenHousehold Foresee() {
    foreseen_.key = callee_.key;
    while (!Attempt()) {
    }
    std::sort(foreseen_.findings.begin(), foreseen_.findings.end());
    return std::move(foreseen_);
  }

 private:
  // The next attempt; true when it is the last one.
  bool Attempt() {
    const size_t number = foreseen_.attempts.size() + 1;
    if (!dice_.Hits(absl::StrCat("answers ", number), settings_.answer_rate)) {
      return End(UnansweredAt(dice_));
    }
    const bool again = std::exchange(foreseen_.reached, true);
    if (temper_ == Temper::kRefuses) {
      foreseen_.refused = RuleFor(calls::v1::DISPOSITION_REFUSED_THIS_CALL, settings_) == nullptr;
      return End(calls::v1::DISPOSITION_REFUSED_THIS_CALL) || foreseen_.refused;
    }
    if (!again && dice_.Hits("call back", kAskToCallBack)) {
      foreseen_.attempts.push_back({calls::v1::DISPOSITION_CALLBACK_REQUESTED, {}});
      return false;
    }
    foreseen_.completed = temper_ != Temper::kWell || !dice_.Hits("proxy", kHaveSomebodyAnswer);
    foreseen_.attempts.push_back({foreseen_.completed ? calls::v1::DISPOSITION_COMPLETED
                                                      : calls::v1::DISPOSITION_ANSWERED_BY_PROXY,
                                  {}});
    for (const int tenant : callee_.subjects) {
      foreseen_.attempts.back().speeches.push_back(SpeechOf(tenant));
    }
    return true;
  }

  // Without an interview; true when the campaign does not try again.
  bool End(calls::v1::Disposition disposition) {
    foreseen_.attempts.push_back({disposition, {}});
    const calls::v1::RetryRule* rule = RuleFor(disposition, settings_);
    return ++ended_[disposition] >= (rule == nullptr ? kUsualMaximum : rule->maximum_attempts());
  }

  Speech SpeechOf(int tenant) {
    const Dice dice(settings_.seed, absl::StrCat(callee_.key, " ", tenant));
    Speech speech{.tenant = tenant, .answers = {}, .agreements = {}, .raised = {}};
    if (tenant == spokesman_ && temper_ == Temper::kNeedsHelp) {
      AskForHelp(dice, speech);
    } else if (tenant == spokesman_ && temper_ == Temper::kLonely) {
      Answer(conversations_.Find({kWeekly}, dice), speech);
    } else {
      Answer(conversations_.Find(Well(), dice), speech);
    }
    for (ForeseenFinding& finding : foreseen_.findings) {
      if (finding.tenant == tenant) Agree(dice, finding, speech);
    }
    AgreeToKeeping(dice, speech);
    return speech;
  }

  // What the script does not ask about, the volunteer hears.
  void AskForHelp(const Dice& dice, Speech& speech) {
    Conversations::Ending ending;
    for (const Want& want : WantsOf(dice)) {
      Conversations::Ending with = ending;
      with.emplace_back(calls::v1::FINDING_KIND_NEED, want.need);
      std::sort(with.begin(), with.end());
      if (conversations_.Has(with)) {
        ending = std::move(with);
        continue;
      }
      calls::v1::RaisedFinding& raised = speech.raised.emplace_back();
      raised.set_need(want.need);
      raised.set_urgency(dice.Hits("cannot wait", kCannotWait) ? common::v1::URGENCY_PRIORITY
                                                               : common::v1::URGENCY_ROUTINE);
      Note(speech.tenant, {calls::v1::FINDING_KIND_NEED, want.need, raised.urgency()});
    }
    Answer(conversations_.Find(ending.empty() ? Well() : ending, dice), speech);
  }

  void Answer(const Spoken& spoken, Speech& speech) {
    for (const Outcome& outcome : OutcomesOf(conversations_.script(), spoken)) {
      if (outcome.kind != calls::v1::FINDING_KIND_ALL_WELL) Note(speech.tenant, outcome);
    }
    for (const calls::v1::Question& question : conversations_.script().questions()) {
      const auto said = spoken.find(question.question_id());
      if (said == spoken.end()) continue;
      calls::v1::Answer& answer = speech.answers.emplace_back();
      answer.set_question_id(question.question_id());
      if (const bool* yes = std::get_if<bool>(&said->second)) {
        answer.set_boolean(*yes);
      } else if (const int64_t* number = std::get_if<int64_t>(&said->second)) {
        answer.set_number(*number);
      } else {
        answer.set_choice_id(std::get<std::string>(said->second));
      }
    }
  }

  void Note(int tenant, const Outcome& outcome) {
    foreseen_.findings.push_back({tenant, outcome, false});
  }

  // Asked in the words of the script; without any, nobody can agree.
  calls::v1::Agreement* Ask(calls::v1::AgreementKind kind, Speech& speech) const {
    for (const calls::v1::AgreementText& text : conversations_.script().agreement_texts()) {
      if (text.kind() != kind) continue;
      calls::v1::Agreement& agreement = speech.agreements.emplace_back();
      agreement.set_kind(kind);
      agreement.set_text_version(text.text_version());
      return &agreement;
    }
    return nullptr;
  }

  void Agree(const Dice& dice, ForeseenFinding& finding, Speech& speech) const {
    const bool need = finding.outcome.kind == calls::v1::FINDING_KIND_NEED;
    calls::v1::Agreement* agreement =
        Ask(need ? calls::v1::AGREEMENT_KIND_SHARE_NEED : calls::v1::AGREEMENT_KIND_WEEKLY_CALL,
            speech);
    if (agreement == nullptr) return;
    finding.agreed = dice.Hits(absl::StrCat("agrees ", finding.outcome.need),
                               need ? kShareNeed : kWantWeeklyCall);
    agreement->set_agreed(finding.agreed);
    if (!need) return;
    agreement->set_need(finding.outcome.need);
    const auto want = std::find_if(kWants.begin(), kWants.end(), [&](const Want& candidate) {
      return candidate.need == finding.outcome.need;
    });
    if (finding.agreed && want != kWants.end()) agreement->set_words(want->words);
  }

  void AgreeToKeeping(const Dice& dice, Speech& speech) const {
    const auto& questions = conversations_.script().questions();
    const bool asked_about_health = std::any_of(
        speech.answers.begin(), speech.answers.end(), [&](const calls::v1::Answer& answer) {
          return std::any_of(
              questions.begin(), questions.end(), [&](const calls::v1::Question& question) {
                return question.health() && question.question_id() == answer.question_id();
              });
        });
    if (!asked_about_health) return;
    calls::v1::Agreement* agreement = Ask(calls::v1::AGREEMENT_KIND_STORE_HEALTH_ANSWERS, speech);
    if (agreement != nullptr) agreement->set_agreed(dice.Hits("keeping", kKeepHealthAnswers));
  }

  static constexpr std::pair<calls::v1::FindingKind, common::v1::Need> kWeekly = {
      calls::v1::FINDING_KIND_WEEKLY_CALL, common::v1::NEED_UNSPECIFIED};

  Conversations::Ending Well() {
    const Conversations::Ending well = {
        {calls::v1::FINDING_KIND_ALL_WELL, common::v1::NEED_UNSPECIFIED}};
    return conversations_.Has(well) ? well : Conversations::Ending();
  }

  const Callee& callee_;
  const SimulationSettings& settings_;
  Conversations& conversations_;
  const Dice dice_;
  const Temper temper_;
  const int spokesman_;  // who speaks of the need or the loneliness
  std::map<calls::v1::Disposition, int> ended_;
  ForeseenHousehold foreseen_;
};

}  // namespace

bool ForeseenHousehold::called_weekly() const {
  return std::any_of(findings.begin(), findings.end(), [](const ForeseenFinding& finding) {
    return finding.outcome.kind == calls::v1::FINDING_KIND_WEEKLY_CALL && finding.agreed;
  });
}

bool ForeseenHousehold::needs_decision() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const ForeseenFinding& finding) { return !finding.agreed; });
}

ForeseenHousehold Foresee(const Callee& callee, const SimulationSettings& settings,
                          Conversations& conversations) {
  return Talk(callee, settings, conversations).Foresee();
}

Ledger ForeseeAll(const std::vector<Callee>& callees, const SimulationSettings& settings,
                  Conversations& conversations) {
  Ledger ledger{.seed = settings.seed, .answer_rate = settings.answer_rate, .households = {}};
  ledger.households.reserve(callees.size());
  for (const Callee& callee : callees) {
    ledger.households.push_back(Foresee(callee, settings, conversations));
  }
  return ledger;
}

}  // namespace veille::veillectl
