// None gets in: tokens that were forged or twisted, beside good ones by each algorithm. Each is
// refused in the same words, and the log has its reason and nothing of the token.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/telemetry/log.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"
#include "unit/tokens_fixture.h"

namespace veille::tokens {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;

class ForgedTokens : public ::testing::Test {
 protected:
  ForgedTokens() {
    world_.WaitForKeys();
    remembered_ = world_.verifier->remembered();
  }

  void ExpectGoodOnesGetIn() {
    for (const auto each : {Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kRs256}) {
      const std::string token = GoodToken(world_, each);
      const auto grant = world_.verifier->Verify(token, world_.now);
      ASSERT_THAT(grant, IsOk()) << NameOf(each);
      EXPECT_EQ(grant->subject, kPerson);
      good_.insert(token);
    }
  }

  // What is said in the end: of a key that is not known, only when the keys were fetched again.
  absl::Status AnswerTo(const Forgery& forgery) {
    absl::Status answer;
    const auto is_decided = [&] {
      answer = world_.verifier->Verify(forgery.token, world_.now).status();
      return !absl::IsUnavailable(answer);
    };
    if (is_decided()) return answer;
    world_.clock.Advance(kRefreshAtMostEvery);
    EXPECT_TRUE(WaitUntil(is_decided)) << forgery.what;
    return answer;
  }

  void ExpectRefused(const Forgery& forgery) {
    CaptureStderr();
    log::Start("veille-test", log::Level::kDebug);
    const absl::Status answer = AnswerTo(forgery);
    const std::string said = GetCapturedStderr();
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnauthenticated)) << forgery.what;
    EXPECT_EQ(answer, NotAccepted()) << forgery.what;
    const std::string reason = "token refused reason=" + std::string(NameOf(forgery.reason)) + " ";
    EXPECT_THAT(said, HasSubstr(reason)) << forgery.what;
    ExpectNothingOf(forgery.token, said);
  }

  static void ExpectNothingOf(const std::string& token, const std::string& said) {
    for (const std::string& part : PartsOf(token)) {
      if (part.size() > 8) EXPECT_THAT(said, Not(HasSubstr(part.substr(0, 1000))));
    }
    for (const char* claim : {kPerson, kLandlord, kPartner, "stranger"}) {
      EXPECT_THAT(said, Not(HasSubstr(claim)));
    }
  }

  void ExpectNoneGetsIn(const std::vector<Forgery>& forgeries) {
    ASSERT_NO_FATAL_FAILURE(ExpectGoodOnesGetIn());
    for (const Forgery& forgery : forgeries) ExpectRefused(forgery);
    ASSERT_NO_FATAL_FAILURE(ExpectGoodOnesGetIn());
    // Good ones are remembered, and no other.
    EXPECT_EQ(world_.verifier->remembered(), remembered_ + good_.size());
    RecordProperty("forged_tokens", static_cast<int>(forgeries.size()));
  }

  World world_;

 private:
  size_t remembered_;
  std::set<std::string> good_;
};

TEST_F(ForgedTokens, ByTheirText) { ExpectNoneGetsIn(ForgedTexts(world_)); }
TEST_F(ForgedTokens, ByTheirHeader) { ExpectNoneGetsIn(ForgedHeaders(world_)); }
TEST_F(ForgedTokens, ByTheirSignature) { ExpectNoneGetsIn(ForgedSignatures(world_)); }
TEST_F(ForgedTokens, ByTheirClaims) { ExpectNoneGetsIn(ForgedClaims(world_)); }

// The list keeps its promise: many, and each reason there is.
TEST_F(ForgedTokens, AreManyAndOfEveryKind) {
  std::set<Refusal> reasons;
  std::set<std::string> tokens;
  for (auto* list : {&ForgedTexts, &ForgedHeaders, &ForgedSignatures, &ForgedClaims}) {
    for (const Forgery& forgery : list(world_)) {
      reasons.insert(forgery.reason);
      tokens.insert(forgery.token);
    }
  }
  EXPECT_GE(tokens.size(), 150);
  EXPECT_EQ(reasons.size(), static_cast<size_t>(Refusal::kBadPartner))
      << "a reason without a token";
  RecordProperty("forged_tokens", static_cast<int>(tokens.size()));
}

}  // namespace
}  // namespace veille::tokens
