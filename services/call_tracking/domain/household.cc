#include "call_tracking/domain/household.h"

#include <algorithm>

namespace veille::call_tracking {
namespace {

// Of a disposition that the campaign has no rule for.
constexpr int kDefaultMaximum = 5;
const absl::Duration kDefaultDelay = absl::Hours(4);

DecisionReason MostPressing(const std::vector<Finding>& findings) {
  DecisionReason reason = DecisionReason::kNone;
  for (const Finding& finding : findings) reason = MorePressing(reason, finding.decision);
  return reason;
}

// What somebody must decide after a call that ended so.
DecisionReason ReasonOf(const AttemptEnd& end) {
  const DecisionReason found = MorePressing(MostPressing(*end.findings), end.unhelped);
  if (end.disposition != Disposition::kEmergencyTransferred) return found;
  return MorePressing(found, DecisionReason::kEmergency);
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

// Whether its calls only ask whether help came.
bool IsVerifying(const HouseholdStanding& standing) {
  return standing.wait == WaitReason::kVerification;
}

void Close(HouseholdStanding& standing) {
  End(standing, HouseholdState::kClosed);
  standing.to_verify = 0;
  standing.weekly = std::nullopt;
  standing.kept_until = std::nullopt;
  standing.progress.weekly.clear();
}

bool EndsCalls(Disposition disposition) {
  return disposition == Disposition::kObjection || disposition == Disposition::kMoved ||
         disposition == Disposition::kDeceased;
}

void Wait(HouseholdStanding& standing, WaitReason reason, std::optional<absl::Time> until) {
  standing.state = HouseholdState::kPending;
  standing.wait = reason;
  standing.next_attempt_time = until;
}

// Whether nobody calls it any more.
bool IsIdle(const HouseholdStanding& standing) {
  return standing.state == HouseholdState::kDone || standing.state == HouseholdState::kClosed ||
         (standing.state == HouseholdState::kPending && !standing.next_attempt_time.has_value());
}

// From now on it waits for the call that asks whether help came. What a coordinator must decide:
// that nobody can ask, when there is no number.
DecisionReason BeginVerifying(HouseholdStanding& standing, absl::Duration grace, absl::Time now) {
  if (standing.phone_hashes.empty()) {
    standing.to_verify = 0;
    return DecisionReason::kNotVerified;
  }
  if (standing.phone_hash.empty()) standing.phone_hash = standing.phone_hashes.front();
  standing.progress.attempts.clear();
  Wait(standing, WaitReason::kVerification, now + grace);
  return DecisionReason::kNone;
}

// The number that was dialled is dialled no more if it is at fault; gives the one after it.
std::string TakeNextPhone(HouseholdStanding& standing, const AttemptEnd& end) {
  std::vector<std::string>& phones = standing.phone_hashes;
  const std::string& from = end.phone_hash.empty() ? standing.phone_hash : end.phone_hash;
  std::string next = PhoneAfter(phones, from);
  if (!IsPhoneFault(end.disposition)) return next;
  std::erase(phones, end.phone_hash);
  if (phones.empty()) next.clear();
  if (standing.phone_hash == end.phone_hash) standing.phone_hash = next;
  return next;
}

// Who has a weekly call after this call, and whose it is: the volunteer's who heard of it first.
void CountWeekly(HouseholdStanding& standing, const AttemptEnd& end) {
  std::vector<ids::TenantId>& weekly = standing.progress.weekly;
  for (const Agreement& agreement : *end.agreements) {
    if (agreement.kind != AgreementKind::kWeeklyCall) continue;
    const bool has = std::find(weekly.begin(), weekly.end(), agreement.tenant) != weekly.end();
    if (!agreement.agreed) {
      std::erase(weekly, agreement.tenant);
      std::erase(weekly, ids::TenantId());  // somebody of the household, not known who
    } else if (!has) {
      weekly.push_back(agreement.tenant);
    }
  }
  if (weekly.empty()) {
    standing.weekly = std::nullopt;
    standing.kept_until = std::nullopt;
  } else if (!standing.weekly.has_value()) {
    standing.weekly = {.volunteer = end.volunteer, .start_time = end.call_time};
  } else if (end.volunteer_stands_in && Reached(end.disposition)) {
    standing.weekly->volunteer = end.volunteer;
  }
}

void Count(HouseholdStanding& standing, const AttemptEnd& end) {
  ++standing.attempts;
  Progress& progress = standing.progress;
  ++progress.attempts[end.disposition];
  progress.reached |= Reached(end.disposition);
  progress.completed |= end.disposition == Disposition::kCompleted;
  progress.refused |= end.disposition == Disposition::kObjection;
  CountWeekly(standing, end);
}

// What an attempt is judged by.
struct Terms {
  const CampaignDraft& campaign;
  absl::TimeZone zone;
  absl::Time now;

  const RetryRule* RuleFor(Disposition disposition) const {
    const auto& rules = campaign.retry_rules;
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const RetryRule& rule) {
      return rule.disposition == static_cast<int>(disposition);
    });
    return found == rules.end() ? nullptr : &*found;
  }
};

// Until the next weekly call. Somebody who was reached has had this week's: a slot that follows
// within half an interval is that of the call just made, which came early or late.
void FollowUp(HouseholdStanding& standing, const AttemptEnd& end, const Terms& terms) {
  const absl::Duration interval = absl::Hours(24) * terms.campaign.weekly.interval_days;
  const absl::Time after = Reached(end.disposition) ? terms.now + interval / 2 : terms.now;
  standing.state = HouseholdState::kFollowedUp;
  standing.wait = WaitReason::kWeekly;
  standing.next_attempt_time = NextWeeklyCall(*standing.weekly, terms.campaign, terms.zone, after);
  standing.kept_until = std::nullopt;
  if (standing.next_attempt_time.has_value()) {
    standing.kept_until = *standing.next_attempt_time + terms.campaign.weekly.grace;
  }
  standing.progress.attempts.clear();
}

// Nothing more is to be done, but for weekly calls.
void Finish(HouseholdStanding& standing, const AttemptEnd& end, const Terms& terms,
            HouseholdState state) {
  if (standing.weekly.has_value()) return FollowUp(standing, end, terms);
  if (state == HouseholdState::kClosed) return Close(standing);
  End(standing, state);
}

void Retry(HouseholdStanding& standing, const AttemptEnd& end, const std::string& next_phone,
           const Terms& terms) {
  const RetryRule* rule = terms.RuleFor(end.disposition);
  const bool fault = IsPhoneFault(end.disposition);
  if (fault || rule == nullptr || rule->next_phone) standing.phone_hash = next_phone;
  const bool verifying = IsVerifying(standing);
  if (standing.phone_hashes.empty()) {
    if (verifying) return End(standing, HouseholdState::kDone);
    return Wait(standing, WaitReason::kNoNumberLeft, std::nullopt);
  }
  const int maximum = rule == nullptr ? kDefaultMaximum : rule->maximum_attempts;
  const bool exhausted = standing.progress.attempts[end.disposition] >= maximum;
  if (exhausted && standing.weekly.has_value()) return FollowUp(standing, end, terms);
  if (exhausted && verifying) return End(standing, HouseholdState::kDone);
  if (exhausted) return Wait(standing, WaitReason::kExhausted, std::nullopt);
  const absl::Time again = terms.now + (rule == nullptr ? kDefaultDelay : rule->delay);
  if (standing.kept_until.has_value()) {  // not beyond the next week's call
    const auto next = NextWeeklyCall(*standing.weekly, terms.campaign, terms.zone, terms.now);
    if (next.has_value() && *next <= again) return FollowUp(standing, end, terms);
  }
  Wait(standing, verifying ? WaitReason::kVerification : WaitReason::kRetry, again);
}

// Points 3 and 4 of the order.
void Continue(HouseholdStanding& standing, const AttemptEnd& end, const std::string& next_phone,
              const Terms& terms) {
  const bool has_rule = terms.RuleFor(end.disposition) != nullptr;
  switch (end.disposition) {
    case Disposition::kCompleted:
    case Disposition::kAnsweredByProxy:
      return Finish(standing, end, terms, HouseholdState::kDone);
    case Disposition::kCallbackRequested:
      // At once when the record came after the time that was agreed.
      return Wait(standing, WaitReason::kAppointment, std::max(*end.callback_time, terms.now));
    case Disposition::kRefusedThisCall:
      if (has_rule) return Retry(standing, end, next_phone, terms);
      if (IsVerifying(standing)) return Finish(standing, end, terms, HouseholdState::kDone);
      standing.progress.refused |= !standing.weekly.has_value();
      return Finish(standing, end, terms, HouseholdState::kClosed);
    case Disposition::kHospitalised:
    case Disposition::kEmergencyTransferred:
      if (has_rule) return Retry(standing, end, next_phone, terms);
      return Finish(standing, end, terms, HouseholdState::kDone);
    default:
      return Retry(standing, end, next_phone, terms);
  }
}

// Point 5 of the order: what a coordinator must decide when nobody will ask any more.
DecisionReason SettleVerifying(HouseholdStanding& standing, const AttemptEnd& end, bool verifying,
                               const Terms& terms) {
  if (standing.to_verify == 0) {  // all is asked
    const bool waits = standing.state == HouseholdState::kPending && IsVerifying(standing);
    if (waits) End(standing, HouseholdState::kDone);
    return DecisionReason::kNone;
  }
  if (!IsIdle(standing)) return DecisionReason::kNone;
  const bool asks_again = !verifying || end.verified > 0;
  if (standing.state == HouseholdState::kDone && asks_again &&
      terms.now < terms.campaign.end_time) {
    return BeginVerifying(standing, terms.campaign.weekly.grace, terms.now);
  }
  standing.to_verify = 0;
  return DecisionReason::kNotVerified;
}

// The order in which a coordinator is told. Those that only a coordinator ends come before those
// that may end by themselves: the one that is told hides no other that is forgotten with it.
int Rank(DecisionReason reason) {
  switch (reason) {
    case DecisionReason::kEmergency:
      return 8;
    case DecisionReason::kLateRecord:
      return 7;
    case DecisionReason::kHelpDidNotCome:
      return 6;
    case DecisionReason::kNotVerified:
      return 5;
    case DecisionReason::kNotSendable:
      return 4;
    case DecisionReason::kNotCovered:
      return 3;
    case DecisionReason::kReferralEnded:
      return 2;
    case DecisionReason::kNotAgreed:
      return 1;
    case DecisionReason::kNone:
      return 0;
  }
  return 0;
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

bool WaitsForCall(HouseholdState state) {
  return state == HouseholdState::kPending || state == HouseholdState::kFollowedUp;
}

DecisionReason MorePressing(DecisionReason one, DecisionReason other) {
  return Rank(one) >= Rank(other) ? one : other;
}

bool IsOfHousehold(DecisionReason reason) {
  return reason == DecisionReason::kEmergency || reason == DecisionReason::kLateRecord ||
         reason == DecisionReason::kNotVerified;
}

DecisionReason ReasonOf(Verification came) {
  switch (came) {
    case Verification::kDidNotCome:
      return DecisionReason::kHelpDidNotCome;
    case Verification::kUnknown:
      return DecisionReason::kNotVerified;
    default:
      return DecisionReason::kNone;
  }
}

HouseholdStanding ToVerify(HouseholdStanding standing, int outcomes, absl::Duration grace,
                           absl::Time now) {
  DecisionReason reason = standing.decision;
  standing = Decided(std::move(standing), DecisionReason::kNone);
  const bool closed = standing.objection || standing.state == HouseholdState::kClosed;
  standing.to_verify = closed ? 0 : outcomes;
  if (standing.to_verify > 0 && IsIdle(standing)) {
    reason = MorePressing(reason, BeginVerifying(standing, grace, now));
  }
  return Decided(std::move(standing), reason);
}

HouseholdStanding Advance(HouseholdStanding standing, const AttemptEnd& end,
                          const CampaignDraft& campaign, absl::TimeZone zone, absl::Time now) {
  DecisionReason reason = MorePressing(standing.decision, ReasonOf(end));
  standing = Decided(std::move(standing), DecisionReason::kNone);
  const bool verifying = IsVerifying(standing);
  Count(standing, end);
  const std::string next_phone = TakeNextPhone(standing, end);
  standing.objection |= end.disposition == Disposition::kObjection;
  if (standing.state == HouseholdState::kClosed || EndsCalls(end.disposition)) {
    Close(standing);
  } else {
    const Terms terms{campaign, zone, now};
    Continue(standing, end, next_phone, terms);
    reason = MorePressing(reason, SettleVerifying(standing, end, verifying, terms));
  }
  return Decided(std::move(standing), reason);
}

HouseholdStanding Decided(HouseholdStanding standing, DecisionReason reason) {
  standing.decision = reason;
  if (standing.state == HouseholdState::kLeased) return standing;
  const bool waits = standing.state == HouseholdState::kNeedsDecision;
  if (waits && reason == DecisionReason::kNone) {
    standing.state = standing.settled;
  } else if (!waits && reason != DecisionReason::kNone) {
    standing.settled = standing.state;
    standing.state = HouseholdState::kNeedsDecision;
  }
  return standing;
}

HouseholdStanding WithLateRecord(HouseholdStanding standing, const AttemptEnd& end,
                                 const CampaignDraft& campaign, absl::TimeZone zone,
                                 absl::Time now) {
  DecisionReason reason = MorePressing(standing.decision, ReasonOf(end));
  if (EndsCalls(end.disposition)) reason = MorePressing(reason, DecisionReason::kLateRecord);
  standing = Decided(std::move(standing), DecisionReason::kNone);
  if (standing.state != HouseholdState::kClosed) {
    const bool had = standing.weekly.has_value();
    CountWeekly(standing, end);
    const bool idle =
        standing.state == HouseholdState::kDone ||
        (standing.state == HouseholdState::kPending && standing.wait == WaitReason::kExhausted);
    if (!had && standing.weekly.has_value() && idle) {
      FollowUp(standing, end, {campaign, zone, now});
    } else if (standing.to_verify == 0 && IsVerifying(standing) &&
               standing.state == HouseholdState::kPending) {
      End(standing, HouseholdState::kDone);  // what it was to be asked, the late call has asked
    }
  }
  return Decided(std::move(standing), reason);
}

std::vector<Finding> FoundLate(std::vector<Finding> findings) {
  std::erase_if(findings,
                [](const Finding& finding) { return finding.kind == FindingKind::kAllWell; });
  for (Finding& finding : findings) {
    finding.decision = MorePressing(finding.decision, DecisionReason::kLateRecord);
  }
  return findings;
}

void KeepAgreedWeeklyCalls(std::vector<Finding>& findings, const std::vector<Agreement>& agreements,
                           const Progress& progress) {
  const auto& weekly = progress.weekly;
  for (Finding& finding : findings) {
    if (finding.kind != FindingKind::kWeeklyCall) continue;
    const bool asked =
        std::any_of(agreements.begin(), agreements.end(), [&](const Agreement& agreement) {
          return agreement.kind == AgreementKind::kWeeklyCall && agreement.tenant == finding.tenant;
        });
    const bool has = std::find(weekly.begin(), weekly.end(), finding.tenant) != weekly.end();
    if (!asked && has) finding.decision = DecisionReason::kNone;
  }
}

}  // namespace veille::call_tracking
