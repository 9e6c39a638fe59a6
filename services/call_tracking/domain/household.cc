#include "call_tracking/domain/household.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace veille::call_tracking {
namespace {

// Of a disposition that the campaign has no rule for.
constexpr int kDefaultMaximum = 5;
const absl::Duration kDefaultDelay = absl::Hours(4);

const RetryRule* FindRule(const std::vector<RetryRule>& rules, Disposition disposition) {
  const auto found = std::find_if(rules.begin(), rules.end(), [disposition](const RetryRule& rule) {
    return rule.disposition == static_cast<int>(disposition);
  });
  return found == rules.end() ? nullptr : &*found;
}

bool AnyWaits(const std::vector<Finding>& findings, DecisionReason reason) {
  return std::any_of(findings.begin(), findings.end(),
                     [reason](const Finding& finding) { return finding.decision == reason; });
}

bool AnyWeekly(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.kind == FindingKind::kWeeklyCall && finding.decision == DecisionReason::kNone;
  });
}

// The phone after this one, round and round; empty when there is none.
std::string PhoneAfter(const std::vector<std::string>& phones, const std::string& phone) {
  if (phones.empty()) return "";
  const auto found = std::find(phones.begin(), phones.end(), phone);
  if (found == phones.end() || found + 1 == phones.end()) return phones.front();
  return *(found + 1);
}

void End(HouseholdStanding& standing, HouseholdState state) {
  standing.state = state;
  standing.next_attempt_time = std::nullopt;
}

void Decide(HouseholdStanding& standing, DecisionReason reason) {
  End(standing, HouseholdState::kNeedsDecision);
  standing.decision = reason;
}

void Wait(HouseholdStanding& standing, WaitReason reason, std::optional<absl::Time> until) {
  standing.state = HouseholdState::kPending;
  standing.wait = reason;
  standing.next_attempt_time = until;
}

void Retry(HouseholdStanding& standing, const AttemptEnd& end, const RetryRule* rule,
           const std::string& next_phone, absl::Time now) {
  const bool fault = IsPhoneFault(end.disposition);
  if (fault || rule == nullptr || rule->next_phone) standing.phone_hash = next_phone;
  const int maximum = rule == nullptr ? kDefaultMaximum : rule->maximum_attempts;
  if (standing.phone_hashes.empty()) {
    Wait(standing, WaitReason::kNoNumberLeft, std::nullopt);
  } else if (standing.progress.attempts[end.disposition] >= maximum) {
    Wait(standing, WaitReason::kExhausted, std::nullopt);
  } else {
    Wait(standing, WaitReason::kRetry, now + (rule == nullptr ? kDefaultDelay : rule->delay));
  }
}

// The number that was dialled is dialled no more; gives the one after it.
std::string TakeNextPhone(HouseholdStanding& standing, const AttemptEnd& end) {
  std::vector<std::string>& phones = standing.phone_hashes;
  const std::string& from = end.phone_hash.empty() ? standing.phone_hash : end.phone_hash;
  std::string next = PhoneAfter(phones, from);
  if (!IsPhoneFault(end.disposition)) return next;
  std::erase(phones, end.phone_hash);
  if (phones.empty()) return "";
  return next;
}

void Count(Progress& progress, const AttemptEnd& end) {
  ++progress.attempts[end.disposition];
  progress.reached |= Reached(end.disposition);
  progress.completed |= end.disposition == Disposition::kCompleted;
  progress.refused |= end.disposition == Disposition::kObjection;
  progress.weekly |= AnyWeekly(*end.findings);
}

// Points 5 and 6 of the order.
void Continue(HouseholdStanding& standing, const AttemptEnd& end, const RetryRule* rule,
              const std::string& next_phone, absl::Time now) {
  switch (end.disposition) {
    case Disposition::kCompleted:
    case Disposition::kAnsweredByProxy:
      return End(standing,
                 standing.progress.weekly ? HouseholdState::kFollowedUp : HouseholdState::kDone);
    case Disposition::kCallbackRequested:
      return Wait(standing, WaitReason::kAppointment, end.callback_time);
    case Disposition::kRefusedThisCall:
      if (rule != nullptr) return Retry(standing, end, rule, next_phone, now);
      standing.progress.refused = true;
      return End(standing, HouseholdState::kClosed);
    case Disposition::kHospitalised:
      if (rule != nullptr) return Retry(standing, end, rule, next_phone, now);
      return End(standing, HouseholdState::kDone);
    default:
      return Retry(standing, end, rule, next_phone, now);
  }
}

}  // namespace

bool Reached(Disposition disposition) {
  switch (disposition) {
    case Disposition::kNoAnswer:
    case Disposition::kBusy:
    case Disposition::kVoicemailLeft:
    case Disposition::kVoicemailNoMessage:
    case Disposition::kWrongNumber:
    case Disposition::kOutOfService:
    case Disposition::kMoved:
    case Disposition::kDeceased:
      return false;
    default:
      return true;
  }
}

bool HasAnswers(Disposition disposition) {
  switch (disposition) {
    case Disposition::kCompleted:
    case Disposition::kPartial:
    case Disposition::kCallbackRequested:
    case Disposition::kAnsweredByProxy:
    case Disposition::kUnableToTalk:
    case Disposition::kEmergencyTransferred:
      return true;
    default:
      return false;
  }
}

bool IsPhoneFault(Disposition disposition) {
  return disposition == Disposition::kWrongNumber || disposition == Disposition::kOutOfService;
}

int PriorityOf(WaitReason wait) {
  switch (wait) {
    case WaitReason::kAppointment:
      return 10;
    case WaitReason::kRetry:
      return 30;
    default:
      return 20;
  }
}

HouseholdStanding Advance(HouseholdStanding standing, const AttemptEnd& end,
                          const std::vector<RetryRule>& rules, absl::Time now) {
  ++standing.attempts;
  Count(standing.progress, end);
  const std::string next_phone = TakeNextPhone(standing, end);
  if (IsPhoneFault(end.disposition) && standing.phone_hash == end.phone_hash) {
    standing.phone_hash = next_phone;
  }
  if (standing.state == HouseholdState::kClosed) return standing;
  standing.decision = DecisionReason::kNone;
  if (end.disposition == Disposition::kEmergencyTransferred ||
      AnyWaits(*end.findings, DecisionReason::kEmergency)) {
    Decide(standing, DecisionReason::kEmergency);
  } else if (end.disposition == Disposition::kObjection || end.disposition == Disposition::kMoved ||
             end.disposition == Disposition::kDeceased) {
    standing.objection |= end.disposition == Disposition::kObjection;
    End(standing, HouseholdState::kClosed);
  } else if (AnyWaits(*end.findings, DecisionReason::kNotAgreed)) {
    Decide(standing, DecisionReason::kNotAgreed);
  } else {
    Continue(standing, end, FindRule(rules, end.disposition), next_phone, now);
  }
  return standing;
}

// "rc 1:2 4:1": the flags (r reached, c completed, f refused, w weekly), then disposition:attempts.
std::string Encode(const Progress& progress) {
  std::string text = absl::StrCat(progress.reached ? "r" : "", progress.completed ? "c" : "",
                                  progress.refused ? "f" : "", progress.weekly ? "w" : "");
  for (const auto& [disposition, attempts] : progress.attempts) {
    absl::StrAppend(&text, " ", static_cast<int>(disposition), ":", attempts);
  }
  return text;
}

std::optional<Progress> DecodeProgress(std::string_view text) {
  Progress progress;
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ' ');
  progress.reached = parts[0].find('r') != std::string::npos;
  progress.completed = parts[0].find('c') != std::string::npos;
  progress.refused = parts[0].find('f') != std::string::npos;
  progress.weekly = parts[0].find('w') != std::string::npos;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(parts[i], ':');
    int disposition = 0;
    int attempts = 0;
    if (!absl::SimpleAtoi(pair.first, &disposition) || !absl::SimpleAtoi(pair.second, &attempts)) {
      return std::nullopt;
    }
    progress.attempts[static_cast<Disposition>(disposition)] = attempts;
  }
  return progress;
}

}  // namespace veille::call_tracking
