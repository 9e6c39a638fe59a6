// The demo, quickly: a small register, people who seldom pick up, partners who do not help with
// everything.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "e2e/demo_run.h"

namespace veille::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DemoTest, ASmallRegisterEndsAsItsLedgerForesees) {
  const std::string path = ::testing::TempDir() + "/demo-register.csv";
  WriteRegister(path, 600, 1000);
  DemoRun demo({"--register", path, "--answer-rate", "0.6", "--seed", "221", "--volunteers", "12",
                "--edge"});
  EXPECT_EQ(demo.Wait(), 0) << demo.output();
  const auto summary = demo.Summary();
  ASSERT_TRUE(summary.is_object()) << demo.output();
  EXPECT_EQ(summary["rows"], 600);
  EXPECT_EQ(summary["rows_refused"], 0);
  EXPECT_EQ(summary["households"], 600);
  EXPECT_EQ(summary["left_out"]["under_age"], 60);
  EXPECT_EQ(summary["left_out"]["objection"], 12);
  EXPECT_EQ(summary["households_selected"], 528);
  EXPECT_LT(summary["households_reached"], 528);
  EXPECT_EQ(summary["households_reached"].get<int>() + summary["households_not_reached"].get<int>(),
            528);
  EXPECT_GT(summary["referrals_accepted"], 0);
  EXPECT_EQ(summary["referrals_received"], summary["referrals_accepted"]);
  EXPECT_GE(summary["needs_not_covered"], 1) << "a need that nobody covers waits for a decision";
  EXPECT_EQ(summary["referrals_created"].get<int>(),
            summary["referrals_accepted"].get<int>() + summary["needs_not_covered"].get<int>());
  EXPECT_GE(summary["needs_decision"], summary["needs_not_covered"]);
  EXPECT_TRUE(summary["differences"].empty());
  EXPECT_THAT(demo.output(), HasSubstr("They agree"));
  EXPECT_THAT(demo.output(), Not(HasSubstr("was killed")));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace veille::e2e
