// The parts behind the admin port, over a real database: what is read of it, and whether it is
// ready.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "common/operations/gathering.h"
#include "common/operations/readiness.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::operations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

constexpr metrics::Family kAnswer{"answer", "What the database says."};
constexpr db::Query kAsk{"operations_test.ask", "SELECT 42 AS answer"};
constexpr db::Query kFail{"operations_test.fail", "SELECT 1 / 0 AS answer"};

const std::vector<db::Migration> kSchema = {
    {"test", 1, "create", "operations_test.1", "CREATE TABLE t (k integer PRIMARY KEY)"}};

class OperationsTest : public ::testing::Test {
 protected:
  static std::string TextOf(const Gathering& gathering) {
    metrics::Scrape scrape;
    gathering.Expose(scrape);
    return scrape.Text();
  }

  TestDatabase test_database_{kSchema};
  std::unique_ptr<db::Database> database_ = *db::Database::Open(test_database_.options(2));
};

TEST_F(OperationsTest, ShowsWhatWasReadWithItsAge) {
  Gathering gathering(*database_, absl::Seconds(15),
                      [](db::ReadTx& tx, Readings& readings) -> absl::Status {
                        const double answer = tx.Run(kAsk)[0].Get<double>("answer");
                        readings.Set(kAnswer, {{metrics::Label::kState, "due"}}, answer);
                        readings.Set(kAnswer, {{metrics::Label::kState, "parked"}}, answer + 1);
                        return absl::OkStatus();
                      });
  EXPECT_TRUE(WaitUntil([&] { return TextOf(gathering).find("answer{") != std::string::npos; }));
  const std::string text = TextOf(gathering);
  EXPECT_THAT(text, HasSubstr("answer{state=\"due\"} 42\nanswer{state=\"parked\"} 43\n"));
  EXPECT_THAT(text, HasSubstr("veille_figures_age_seconds "));
  EXPECT_THAT(text, HasSubstr("veille_figures_failures_total 0\n"));
}

// A figure that could not be read is absent: not zero, and not half of what was read.
TEST_F(OperationsTest, ShowsNothingOfAReadingThatFailed) {
  Gathering gathering(*database_, absl::Seconds(15),
                      [](db::ReadTx& tx, Readings& readings) -> absl::Status {
                        readings.Set(kAnswer, {}, 1);
                        tx.Run(kFail);
                        return absl::OkStatus();
                      });
  EXPECT_TRUE(WaitUntil([&] {
    return TextOf(gathering).find("veille_figures_failures_total 1\n") != std::string::npos;
  }));
  EXPECT_THAT(TextOf(gathering), Not(HasSubstr("answer")));
  EXPECT_THAT(TextOf(gathering), Not(HasSubstr("age_seconds")));
}

TEST_F(OperationsTest, SaysWhatIsMissing) {
  std::stop_source drain;
  Readiness readiness(*database_, kSchema, drain.get_token());
  EXPECT_THAT(readiness.Missing(), IsEmpty());
  test_database_.Query("DELETE FROM schema_migrations");
  EXPECT_TRUE(WaitUntil([&] { return !readiness.Missing().empty(); }));
  EXPECT_THAT(readiness.Missing(), ElementsAre("schema"));
  drain.request_stop();
  EXPECT_THAT(readiness.Missing(), ElementsAre("draining", "schema"));
}

TEST_F(OperationsTest, CountsTheWorkOfLanes) {
  const auto text = [this] {
    metrics::Scrape scrape;
    database_->Expose(scrape);
    return scrape.Text();
  };
  EXPECT_THAT(text(), HasSubstr("veille_lanes 2\n"));
  EXPECT_THAT(text(), HasSubstr("veille_lane_connects_total 1\n"));  // the others when needed
  EXPECT_THAT(text(), HasSubstr("veille_lane_transaction_seconds_count 0\n"));
  std::atomic<bool> seen_busy{false};
  Gathering gathering(*database_, absl::Seconds(15),
                      [&](db::ReadTx& tx, Readings&) -> absl::Status {
                        tx.Run(kAsk);
                        seen_busy = text().find("veille_lanes_busy 1\n") != std::string::npos;
                        return absl::OkStatus();
                      });
  EXPECT_TRUE(WaitUntil([&] {
    return text().find("veille_lane_transaction_seconds_count 1\n") != std::string::npos;
  }));
  EXPECT_TRUE(seen_busy);
  EXPECT_TRUE(WaitUntil([&] { return text().find("veille_lanes_busy 0\n") != std::string::npos; }));
  EXPECT_EQ(database_->HangingLanes(), 0);
}

}  // namespace
}  // namespace veille::operations
