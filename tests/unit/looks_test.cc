// How far back a poll loop looks.

#include "common/async/looks.h"

#include <gtest/gtest.h>

namespace veille::async {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

class LooksTest : public ::testing::Test {
 protected:
  bool IsWhole() { return !looks_.Next(now_).has_value(); }

  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
  Looks looks_{kInterval};
};

TEST_F(LooksTest, AClockThatIsSetBackDelaysNoLook) {
  EXPECT_TRUE(IsWhole());
  looks_.Found(false, now_);
  EXPECT_FALSE(IsWhole());
  now_ -= absl::Hours(2);
  EXPECT_TRUE(IsWhole());
  looks_.Found(false, now_);
  EXPECT_FALSE(IsWhole());
}

TEST_F(LooksTest, GoesToTheBeginningOncePerInterval) {
  EXPECT_TRUE(IsWhole()) << "the first";
  looks_.Found(false, now_);
  now_ += kInterval / 2;
  EXPECT_FALSE(IsWhole());
  looks_.Found(true, now_);
  EXPECT_FALSE(IsWhole());
  looks_.Found(false, now_);
  now_ += kInterval / 2;
  EXPECT_TRUE(IsWhole());
}

TEST_F(LooksTest, GoesOnFromTheBeginningWhileItFindsSomething) {
  for (int look = 0; look < 3; ++look) {
    EXPECT_TRUE(IsWhole());
    looks_.Found(true, now_);
  }
  EXPECT_TRUE(IsWhole());
  looks_.Found(false, now_);
  EXPECT_FALSE(IsWhole());
}

TEST_F(LooksTest, GoesToTheBeginningWhenAskedTo) {
  EXPECT_TRUE(IsWhole());
  looks_.Found(false, now_);
  looks_.Again();
  EXPECT_TRUE(IsWhole());
}

TEST_F(LooksTest, IsAskedForWhileALookIsUnderWay) {
  EXPECT_TRUE(IsWhole());
  looks_.Again();
  looks_.Found(false, now_);
  EXPECT_TRUE(IsWhole());
}

}  // namespace
}  // namespace veille::async
