#pragma once

// Where a household stands in a campaign, and how an attempt moves it on. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/campaign.h"
#include "call_tracking/domain/weekly_call.h"

namespace veille::call_tracking {

// Of the phones that the register has, in its order, a campaign dials so many at most.
inline constexpr int kMostPhones = 20;

// What the attempts so far came to; sealed at rest.
struct Progress {
  // By how they ended; of a household with a weekly call, since it was followed up last; of one
  // that is asked whether help came, since it was to be.
  std::map<Disposition, int> attempts;
  bool reached = false;               // a tenant or a proxy answered
  bool completed = false;             // the script was followed to its end
  bool refused = false;               // ended by refusal or objection
  std::vector<ids::TenantId> weekly;  // who agreed to a weekly call, and did not take it back
  friend bool operator==(const Progress&, const Progress&) = default;
};

std::string Encode(const Progress& progress);
std::optional<Progress> DecodeProgress(std::string_view text);

struct HouseholdStanding {
  HouseholdState state = HouseholdState::kPending;
  WaitReason wait = WaitReason::kFirst;  // while it waits for a call
  int attempts = 0;
  std::vector<std::string> phone_hashes;  // that can be dialled, in order
  std::string phone_hash;                 // the next; empty: none left
  std::optional<absl::Time> next_attempt_time;
  bool objection = false;
  // What waits for a coordinator; while LEASED too, and then the household with it once the lease
  // has ended.
  DecisionReason decision = DecisionReason::kNone;
  HouseholdState settled = HouseholdState::kDone;  // NEEDS_DECISION: where it goes on from there
  std::optional<WeeklyCall> weekly;
  // The next call, or the one being made, is a weekly one: its own volunteer's until then.
  std::optional<absl::Time> kept_until;
  // Outcomes of referrals that its tenants are still to be asked about, in whatever call comes
  // next.
  int to_verify = 0;
  Progress progress;
};

struct AttemptEnd {
  Disposition disposition = Disposition::kCompleted;
  std::string phone_hash;  // dialled; empty: one that the campaign does not know
  std::optional<absl::Time> callback_time;
  const std::vector<Finding>* findings = nullptr;  // settled
  const std::vector<Agreement>* agreements = nullptr;
  VolunteerId volunteer;             // who called
  bool volunteer_stands_in = false;  // for the weekly call's own, who has left
  absl::Time call_time;
  // Of the outcomes to verify, how many the tenants were asked about (those left are the
  // standing's), and what a coordinator must decide about the answers.
  int verified = 0;
  DecisionReason unhelped = DecisionReason::kNone;
};

// The standing after an attempt. First where the call leaves it, in this order:
//  1. a household that was closed meanwhile stays closed;
//  2. objection, move and death close it;
//  3. after a call to its end (by tenant or proxy) it is DONE, or FOLLOWED_UP until its next weekly
//     call when somebody agreed to one;
//  4. an appointment, or a retry by the campaign's rule for this disposition, until it is exhausted
//     or no number is left. A refusal of this call, a stay in hospital and an emergency are tried
//     again only where the campaign has a rule for them: without one they end (CLOSED, DONE). A
//     household with a weekly call is not exhausted: it waits for the next week.
//  5. One that is to be asked whether help came, and would be called no more, waits for the call
//  that
//     asks (VERIFICATION); that call is tried again as in 4, and ends as DONE. When it asked about
//     nothing, was refused or is exhausted, nobody knows: that waits for a coordinator
//     (NOT_VERIFIED). Whoever objected, moved or died is not asked.
// Then, whatever that is, it waits for a coordinator (NEEDS_DECISION) while anything does: a
// decision that came before or meanwhile, an emergency, a finding that was not agreed to, help that
// did not come.
HouseholdStanding Advance(HouseholdStanding standing, const AttemptEnd& end,
                          const CampaignDraft& campaign, absl::TimeZone zone, absl::Time now);

// The standing when partners have reported outcomes, so many of which its tenants are to be asked
// about by now. A household that would be called no more waits for the call that asks: at once for
// who may be preferred (the queue says who), after `grace` for everybody. One without a number
// cannot be asked (NOT_VERIFIED); one that is called anyway is asked then; one that is closed is
// not.
HouseholdStanding ToVerify(HouseholdStanding standing, int outcomes, absl::Duration grace,
                           absl::Time now);

// What a coordinator must decide about what a tenant said of an outcome.
DecisionReason ReasonOf(Verification came);

// The standing when `reason` waits for a coordinator and nothing else does; none when nothing
// waits.
HouseholdStanding Decided(HouseholdStanding standing, DecisionReason reason);

// The standing after a late record: somebody else calls the household, or has since, so where it
// stands is theirs. What waits for a coordinator is added, objection, move and death among it, and
// the weekly calls that were agreed to.
HouseholdStanding WithLateRecord(HouseholdStanding standing, const AttemptEnd& end,
                                 const CampaignDraft& campaign, absl::TimeZone zone,
                                 absl::Time now);

// What a late record found, for the coordinator, whatever was agreed; nothing of "all is well".
std::vector<Finding> FoundLate(std::vector<Finding> findings);

// Somebody who has a weekly call and is lonely still need not agree again: such findings wait for
// no decision unless the subject said no this time.
void KeepAgreedWeeklyCalls(std::vector<Finding>& findings, const std::vector<Agreement>& agreements,
                           const Progress& progress);

// Of two reasons to decide, the one that a coordinator is told first; none only of two nones.
DecisionReason MorePressing(DecisionReason one, DecisionReason other);

// Whether the reason may be the household's own, of no finding: then only a coordinator ends it.
bool IsOfHousehold(DecisionReason reason);

// Whether a tenant or a proxy answered.
bool Reached(Disposition disposition);
// Whether a call that ended so can have answers.
bool HasAnswers(Disposition disposition);
// Whether the number does not lead to the household.
bool IsPhoneFault(Disposition disposition);
// Whether a household in this state waits for a call, if it has a time and a phone.
bool WaitsForCall(HouseholdState state);

}  // namespace veille::call_tracking
