#include "referral/domain/transitions.h"

#include <algorithm>
#include <array>

namespace veille::referral {
namespace {

using enum ReferralState;
using enum Actor;

struct Transition {
  ReferralState from;
  ReferralState to;
  Actor actor;
};

// A move to REQUESTED gives the referral to a partner, and takes it from the one that has it.
constexpr std::array kLegal = {
    // The partner's machine has it. Never back from a later state: receipts may come late.
    Transition{kRequested, kReceived, kEngine},
    // A person at the partner answers. An acceptance implies the receipt.
    Transition{kRequested, kAccepted, kPartner},
    Transition{kReceived, kAccepted, kPartner},
    Transition{kRequested, kRejected, kPartner},
    Transition{kReceived, kRejected, kPartner},
    Transition{kAccepted, kInProgress, kPartner},
    Transition{kAccepted, kCompleted, kPartner},
    Transition{kInProgress, kCompleted, kPartner},
    // The same by telephone; somebody there may also have taken it down without accepting it.
    Transition{kRequested, kReceived, kForPartner},
    Transition{kRequested, kAccepted, kForPartner},
    Transition{kReceived, kAccepted, kForPartner},
    Transition{kRequested, kRejected, kForPartner},
    Transition{kReceived, kRejected, kForPartner},
    Transition{kAccepted, kInProgress, kForPartner},
    Transition{kAccepted, kCompleted, kForPartner},
    Transition{kInProgress, kCompleted, kForPartner},
    // Declined: the next covering partner is found without a person.
    Transition{kRejected, kRequested, kEngine},
    // Not acknowledged in time: the next covering partner. When nobody is left it may fail, but the
    // clock does not let it: see assignment/overdue.h.
    Transition{kRequested, kRequested, kClock},
    Transition{kReceived, kRequested, kClock},
    Transition{kRequested, kFailed, kClock},
    Transition{kReceived, kFailed, kClock},
    // The coordinator gives it to somebody else, whatever became of it, as long as it is open.
    Transition{kRequested, kRequested, kCoordinator},
    Transition{kReceived, kRequested, kCoordinator},
    Transition{kAccepted, kRequested, kCoordinator},
    Transition{kInProgress, kRequested, kCoordinator},
    Transition{kRejected, kRequested, kCoordinator},
    Transition{kFailed, kRequested, kCoordinator},
    // The coordinator withdraws it.
    Transition{kRequested, kCancelled, kCoordinator},
    Transition{kReceived, kCancelled, kCoordinator},
    Transition{kAccepted, kCancelled, kCoordinator},
    Transition{kInProgress, kCancelled, kCoordinator},
    Transition{kRejected, kCancelled, kCoordinator},
    Transition{kFailed, kCancelled, kCoordinator},
    // The person objects.
    Transition{kRequested, kCancelled, kSubject},
    Transition{kReceived, kCancelled, kSubject},
    Transition{kAccepted, kCancelled, kSubject},
    Transition{kInProgress, kCancelled, kSubject},
    Transition{kRejected, kCancelled, kSubject},
    Transition{kFailed, kCancelled, kSubject},
};

}  // namespace

bool MayMove(ReferralState from, ReferralState to, Actor actor) {
  return std::any_of(kLegal.begin(), kLegal.end(), [&](const Transition& legal) {
    return legal.from == from && legal.to == to && legal.actor == actor;
  });
}

std::vector<ReferralState> SourcesOf(ReferralState to, Actor actor) {
  std::vector<ReferralState> sources;
  for (const Transition& legal : kLegal) {
    if (legal.to == to && legal.actor == actor) sources.push_back(legal.from);
  }
  return sources;
}

bool HasEnded(ReferralState state) { return state == kCompleted || state == kCancelled; }

}  // namespace veille::referral
