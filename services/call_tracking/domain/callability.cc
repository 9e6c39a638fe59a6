#include "call_tracking/domain/callability.h"

#include "call_tracking/domain/call_hours.h"

namespace veille::call_tracking {
namespace {

using Bucket = CallabilityBucket;

// A household that is PENDING or FOLLOWED_UP: what it waits for, if anything.
std::optional<Callability> Waiting(const CallabilityFacts& facts, absl::Time now) {
  const bool followed_up = facts.state == HouseholdState::kFollowedUp;
  const WaitReason wait =
      followed_up ? WaitReason::kWeekly : facts.wait.value_or(WaitReason::kRetry);
  if (wait == WaitReason::kExhausted) return Callability{Bucket::kExhausted, std::nullopt};
  if (!facts.has_phone || wait == WaitReason::kNoNumberLeft) {
    return Callability{Bucket::kNoNumberLeft, std::nullopt};
  }
  if (followed_up && !facts.next_attempt_time.has_value()) {  // the campaign ends before it
    return Callability{Bucket::kWeeklyCallWaiting, std::nullopt};
  }
  if (facts.is_due || !facts.next_attempt_time.has_value() || *facts.next_attempt_time <= now) {
    return std::nullopt;
  }
  switch (wait) {
    case WaitReason::kAppointment:
      return Callability{Bucket::kAppointment, facts.next_attempt_time};
    case WaitReason::kWeekly:
      return Callability{Bucket::kWeeklyCallWaiting, facts.next_attempt_time};
    case WaitReason::kVerification:
      return Callability{Bucket::kVerificationWaiting, facts.next_attempt_time};
    default:
      return Callability{Bucket::kWaitingForRetry, facts.next_attempt_time};
  }
}

std::optional<absl::Time> ExpireTime(const CallabilityFacts& facts) {
  if (!facts.lease.has_value()) return std::nullopt;
  return facts.lease->expire_time;
}

}  // namespace

Callability Explain(const Campaign& campaign, const CallabilityFacts& facts, absl::Time now) {
  const bool begun = now >= campaign.draft.start_time;
  if (campaign.state != CampaignState::kRunning || !begun || now >= campaign.draft.end_time) {
    const bool will_run = campaign.state == CampaignState::kRunning && !begun;
    return {Bucket::kCampaignNotRunning,
            will_run ? std::optional(campaign.draft.start_time) : std::nullopt};
  }
  if (facts.state == HouseholdState::kClosed && !facts.objection) {
    return {Bucket::kClosed, std::nullopt};
  }
  if (facts.left_out.has_value()) return {Bucket::kLeftOut, std::nullopt};
  if (facts.objection) return {Bucket::kObjection, std::nullopt};
  if (facts.state == HouseholdState::kLeased || facts.lease.has_value()) {
    return {Bucket::kLeased, ExpireTime(facts)};
  }
  if (facts.state == HouseholdState::kNeedsDecision) {
    return {Bucket::kAwaitingDecision, std::nullopt};
  }
  if (facts.state == HouseholdState::kDone) return {Bucket::kDone, std::nullopt};
  if (const auto waiting = Waiting(facts, now)) return *waiting;
  const CallSpan span = CurrentOrNextSpan(campaign.draft.call_hours, campaign.draft.start_time,
                                          campaign.draft.end_time, ZoneOf(facts.time_zone), now);
  if (now < span.from) return {Bucket::kOutsideCallHours, span.from};
  return {Bucket::kDue, std::nullopt};
}

std::string Sentence(CallabilityBucket bucket) {
  switch (bucket) {
    case Bucket::kCampaignNotRunning:
      return "The campaign does not run now.";
    case Bucket::kClosed:
      return "The household is closed: it is not called any more.";
    case Bucket::kLeftOut:
      return "The cohort left the household out.";
    case Bucket::kObjection:
      return "The household objects to being called.";
    case Bucket::kLeased:
      return "Somebody is calling the household, or another one with the same phone.";
    case Bucket::kAwaitingDecision:
      return "A coordinator must decide first.";
    case Bucket::kDone:
      return "The household was called; nothing more is to be done.";
    case Bucket::kExhausted:
      return "The attempts are used up.";
    case Bucket::kNoNumberLeft:
      return "No phone is left to dial.";
    case Bucket::kAppointment:
      return "The household asked to be called at a time that has not come.";
    case Bucket::kWaitingForRetry:
      return "The delay after the last attempt is not over.";
    case Bucket::kWeeklyCallWaiting:
      return "The next weekly call has not come.";
    case Bucket::kVerificationWaiting:
      return "The call that asks whether help came waits: for the volunteer who flagged the case, "
             "or "
             "for the delay after the last attempt.";
    case Bucket::kOutsideCallHours:
      return "Now is outside the call hours of the household's time zone.";
    case Bucket::kDue:
      return "The household can be called now.";
  }
  return "";
}

}  // namespace veille::call_tracking
