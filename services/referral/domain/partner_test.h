#pragma once

// Tests of partners' machines: an invented case is pushed, fetched, and answered.

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner_case.h"

namespace veille::referral {

// How long a test lasts: time for some tries, and for a person to put something right meanwhile.
inline constexpr absl::Duration kTestDuration = absl::Minutes(10);

enum class PartnerTestStage { kWaiting = 1, kSent, kReceived, kFetched, kAccepted };

enum class PartnerTestProblem {
  kNone = 0,
  kUnreachable,
  kAddressRefused,
  kTooSlow,
  kRefused,
  kNoInbox,
  kNotFetched,  // never stored: follows from how the test stands when it is over
  kNotSent,
};

struct PartnerTest {
  ids::ReferralId id;
  ids::Uuid delivery;
  int tries = 0;
  PartnerTestProblem problem = PartnerTestProblem::kNone;  // of the last push
  std::string answer;
  bool over = false;
  absl::Time create_time;
  absl::Time expire_time;
  std::optional<absl::Time> receive_time;
  std::optional<absl::Time> fetch_time;
  std::optional<absl::Time> accept_time;
};

PartnerTestStage StageOf(const PartnerTest& test);

// What keeps it from being passed.
PartnerTestProblem ProblemOf(const PartnerTest& test);

// The case that is invented: of no person, for one of the communes and needs that the partner
// covers.
struct InventedCase {
  ids::ReferralId id;
  int64_t version = 1;
  ReferralState state = ReferralState::kRequested;
  Need need = Need::kOther;
  std::string commune;
  ReferralOutcome outcome = ReferralOutcome::kNone;
  absl::Time create_time;
  absl::Time expire_time;
};
PartnerCase AsPartnerCase(const InventedCase& invented);

}  // namespace veille::referral
