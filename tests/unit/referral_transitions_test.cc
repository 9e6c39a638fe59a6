#include "referral/domain/transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace veille::referral {
namespace {

using enum ReferralState;
using enum Actor;

constexpr ReferralState kStates[] = {kRequested, kReceived, kAccepted,  kInProgress,
                                     kCompleted, kRejected, kCancelled, kFailed};
constexpr Actor kActors[] = {kPartner, kEngine, kCoordinator, kClock, kForPartner, kSubject};

// The design's section 6, written down a second time: what may happen, by whom. Everything else may
// not.
const std::set<std::tuple<ReferralState, ReferralState, Actor>> kAllowed = {
    {kRequested, kReceived, kEngine},
    {kRequested, kAccepted, kPartner},
    {kReceived, kAccepted, kPartner},
    {kRequested, kRejected, kPartner},
    {kReceived, kRejected, kPartner},
    {kAccepted, kInProgress, kPartner},
    {kAccepted, kCompleted, kPartner},
    {kInProgress, kCompleted, kPartner},
    {kRequested, kReceived, kForPartner},
    {kRequested, kAccepted, kForPartner},
    {kReceived, kAccepted, kForPartner},
    {kRequested, kRejected, kForPartner},
    {kReceived, kRejected, kForPartner},
    {kAccepted, kInProgress, kForPartner},
    {kAccepted, kCompleted, kForPartner},
    {kInProgress, kCompleted, kForPartner},
    {kRejected, kRequested, kEngine},
    {kRequested, kRequested, kClock},
    {kReceived, kRequested, kClock},
    {kRequested, kFailed, kClock},
    {kReceived, kFailed, kClock},
    {kRequested, kRequested, kCoordinator},
    {kReceived, kRequested, kCoordinator},
    {kAccepted, kRequested, kCoordinator},
    {kInProgress, kRequested, kCoordinator},
    {kRejected, kRequested, kCoordinator},
    {kFailed, kRequested, kCoordinator},
    {kRequested, kCancelled, kCoordinator},
    {kReceived, kCancelled, kCoordinator},
    {kAccepted, kCancelled, kCoordinator},
    {kInProgress, kCancelled, kCoordinator},
    {kRejected, kCancelled, kCoordinator},
    {kFailed, kCancelled, kCoordinator},
    {kRequested, kCancelled, kSubject},
    {kReceived, kCancelled, kSubject},
    {kAccepted, kCancelled, kSubject},
    {kInProgress, kCancelled, kSubject},
    {kRejected, kCancelled, kSubject},
    {kFailed, kCancelled, kSubject},
};

TEST(TransitionsTest, EveryPairOfStatesAndEveryActor) {
  int legal = 0;
  for (const ReferralState from : kStates) {
    for (const ReferralState to : kStates) {
      for (const Actor actor : kActors) {
        const bool may = MayMove(from, to, actor);
        legal += may ? 1 : 0;
        EXPECT_EQ(may, kAllowed.contains({from, to, actor}))
            << static_cast<int>(from) << " to " << static_cast<int>(to) << " by "
            << static_cast<int>(actor);
      }
    }
  }
  EXPECT_EQ(legal, static_cast<int>(kAllowed.size()));
}

TEST(TransitionsTest, SourcesAreTheStatesFromWhichTheMoveIsLegal) {
  for (const ReferralState to : kStates) {
    for (const Actor actor : kActors) {
      const std::vector<ReferralState> sources = SourcesOf(to, actor);
      for (const ReferralState from : kStates) {
        const bool listed = std::find(sources.begin(), sources.end(), from) != sources.end();
        EXPECT_EQ(listed, MayMove(from, to, actor));
      }
    }
  }
}

TEST(TransitionsTest, WhoSpeaksForThePartnerMayWhatThePartnerMay) {
  for (const ReferralState from : kStates) {
    for (const ReferralState to : kStates) {
      const bool is_receipt = from == kRequested && to == kReceived;
      EXPECT_EQ(MayMove(from, to, kForPartner), MayMove(from, to, kPartner) || is_receipt);
    }
  }
}

TEST(TransitionsTest, NobodyMovesWhatHasEnded) {
  for (const ReferralState from : kStates) {
    bool moves = false;
    for (const ReferralState to : kStates) {
      for (const Actor actor : kActors) moves = moves || MayMove(from, to, actor);
    }
    EXPECT_EQ(moves, !HasEnded(from)) << static_cast<int>(from);
  }
}

}  // namespace
}  // namespace veille::referral
