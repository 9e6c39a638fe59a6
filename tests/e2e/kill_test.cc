// The same case with kill -9 of each service at each step of its way: the same end, no second
// referral, no second acceptance.

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <thread>

#include "e2e/story.h"
#include "testing/status_matchers.h"

namespace veille::e2e {
namespace {

using testing::IsOk;

// Longer than any claim that a dead process can hold and than the first delays of retries.
constexpr absl::Duration kLongestClaim = absl::Seconds(30);

struct Blow {
  Service service;
  size_t step;
};

std::vector<Blow> AllBlows() {
  std::vector<Blow> blows;
  for (size_t step = 0; step < Story::Steps().size(); ++step) {
    for (const Service service : kServices) blows.push_back({service, step});
  }
  return blows;
}

std::string Word(const ::testing::TestParamInfo<Blow>& blow) {
  std::string name = NameOf(blow.param.service);
  std::erase(name, '-');
  return Story::Steps()[blow.param.step].name + "_" + name;
}

// The programme serves all cases; each has a landlord of its own.
class KillTest : public ::testing::TestWithParam<Blow> {
 protected:
  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }

  // A case that failed may have left a service dead.
  void SetUp() override {
    for (const Service service : kServices) {
      if (!programme_->running(service)) programme_->Restart(service);
    }
  }

  static void KillAndRestart(Service service) {
    try {
      programme_->Restart(service);
      programme_->MoveClocks(kLongestClaim);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }

  static std::unique_ptr<Programme> programme_;
};

std::unique_ptr<Programme> KillTest::programme_;

TEST_P(KillTest, TheEndIsTheSame) {
  Story story(*programme_);
  for (size_t i = 0; i < Story::Steps().size(); ++i) {
    const Story::Step& step = Story::Steps()[i];
    std::thread blow;
    if (i == GetParam().step) {
      blow = std::thread([] { KillAndRestart(GetParam().service); });
    }
    const absl::Status status = Insist(story, step);
    if (blow.joinable()) blow.join();
    ASSERT_THAT(status, IsOk()) << step.name;
  }
  ExpectTheOneEnd(story);
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KillTest, ::testing::ValuesIn(AllBlows()), Word);

}  // namespace
}  // namespace veille::e2e
