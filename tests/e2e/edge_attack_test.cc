// The edge under attack: what honest callers notice of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "e2e/edge.h"
#include "e2e/story.h"
#include "veille/calls/v1/script_service.grpc.pb.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;

constexpr absl::Duration kMeasured = absl::Seconds(3);
constexpr absl::Duration kPause = absl::Milliseconds(100);
constexpr int kRounds = 5;
constexpr int kCallers = 8;

// What callers waited for their answers.
struct Times {
  std::vector<double> milliseconds;
  int failed = 0;

  double Percentile(double share) {
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds.at(static_cast<size_t>(share * (milliseconds.size() - 1)));
  }
};

// The same in several rounds. Its figures are the rounds' medians: what else this machine does for
// a moment spoils one round, and counts for nothing.
class Rounds {
 public:
  void Add(Times times) {
    medians_.push_back(times.Percentile(0.5));
    tails_.push_back(times.Percentile(0.99));
    calls_ += times.milliseconds.size();
    failed_ += times.failed;
  }
  double p50() const { return Median(medians_); }
  double p99() const { return Median(tails_); }
  size_t calls() const { return calls_; }
  int failed() const { return failed_; }

 private:
  static double Median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
  }

  std::vector<double> medians_;
  std::vector<double> tails_;
  size_t calls_ = 0;
  int failed_ = 0;
};

// Coordinators who read ten times a second each, on connections that stand.
class HonestCallers {
 public:
  HonestCallers(const Programme& programme, const std::string& landlord) {
    for (int i = 0; i < kCallers; ++i) {
      connections_.push_back(programme.Connect(
          Service::kCalls, {"coordinator", absl::StrCat("ada-", i), landlord, ""}));
    }
  }

  Times Measure() const {
    std::vector<Times> each(connections_.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < connections_.size(); ++i) {
      threads.emplace_back([this, &each, i] { each[i] = Read(connections_[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    Times all;
    for (const Times& times : each) {
      all.milliseconds.insert(all.milliseconds.end(), times.milliseconds.begin(),
                              times.milliseconds.end());
      all.failed += times.failed;
    }
    return all;
  }

 private:
  static Times Read(const veillectl::Connection& connection) {
    Times times;
    const absl::Time end = absl::Now() + kMeasured;
    for (absl::Time start = absl::Now(); start < end; start = absl::Now()) {
      const auto answer =
          connection.Call(&pb::ScriptService::Stub::ListScripts, pb::ListScriptsRequest());
      times.milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
      times.failed += answer.ok() ? 0 : 1;
      absl::SleepFor(start + kPause - absl::Now());
    }
    return times;
  }

  std::vector<veillectl::Connection> connections_;
};

// Behind everybody else on this machine: in the world it has one of its own.
std::vector<std::string> AttackerCommand(const std::string& kind, const std::string& address) {
  return {"/usr/bin/nice",
          "-n",
          "19",
          "/usr/bin/python3",
          absl::StrCat(VEILLE_E2E_DIR, "/edge_attacker.py"),
          kind,
          address,
          absl::StrCat(absl::ToInt64Seconds(kMeasured))};
}

TEST(EdgeAttackTest, HonestCallersHardlyNotice) {
  Programme programme;
  const Edge edge(programme);  // with the limits that it has by itself
  Story story(programme);
  ASSERT_TRUE(story.CreateLandlord().ok());
  ASSERT_TRUE(story.PublishScript().ok());
  programme.GoThrough(edge.address());
  const HonestCallers callers(programme, story.landlord_id);
  (void)callers.Measure();  // everything is warm, and connected
  for (const std::string kind : {"rapid-reset", "header-bomb", "slow-read", "large-frames"}) {
    Rounds calm;
    Rounds attacked;
    int tried = 0;
    for (int round = 0; round < kRounds; ++round) {
      calm.Add(callers.Measure());
      testing::Subprocess attacker(AttackerCommand(kind, edge.address()));
      ASSERT_TRUE(attacker.WaitForLine("BEGIN", absl::Seconds(20)).has_value());
      attacked.Add(callers.Measure());
      tried += std::stoi(attacker.WaitForLine("TRIED ", absl::Seconds(20)).value_or("0"));
    }
    std::printf("%-13s %6d times: p50 %.2f ms, calm %.2f; p99 %.2f ms, calm %.2f; %zu calls each\n",
                kind.c_str(), tried, attacked.p50(), calm.p50(), attacked.p99(), calm.p99(),
                calm.calls());
    EXPECT_GE(tried, 50) << kind;
    EXPECT_EQ(calm.failed() + attacked.failed(), 0) << kind;
    EXPECT_LE(attacked.p99(), 2 * calm.p99()) << kind;
  }
}

}  // namespace
}  // namespace veille::e2e
