#pragma once

// Referrals that partners' machines have received, until nobody accepts them in time.

#include <functional>
#include <string>

#include "integration/referral_terms_fixture.h"

namespace veille::referral {

class OverdueFixture : public TermsFixture {
 protected:
  bool BecomesReceived(const std::string& referral) {
    return testing::WaitUntil(
        [&] { return Read(referral).state() == common_pb::REFERRAL_STATE_RECEIVED; });
  }

  // A referral that its partner's machine has received.
  std::string CreateReceived(
      const std::function<void(pb::CreateReferralRequest&)>& change = nullptr) {
    const std::string referral = CreateOne(change);
    const auto engine = StartEngine();
    EXPECT_TRUE(BecomesReceived(referral));
    return referral;
  }

  std::string History(const std::string& referral) {
    return Value(
        "SELECT string_agg(state || '/' || actor, ' ' ORDER BY version) "
        "FROM referral_events WHERE referral_id = '" +
        referral + "'");
  }

  FakeInbox inbox_;
};

}  // namespace veille::referral
