// ThreadSanitizer is worth its runs only if it still sees our own races behind the shim and the
// suppressions: planted ones are reported, where they are, and sound code is not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <string>

namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kReported = 66;  // ThreadSanitizer's exit code

struct Outcome {
  int exit_code = -1;
  std::string output;
};

Outcome RunPlanted(const std::string& place) {
  Outcome outcome;
  FILE* pipe = popen((std::string(PLANTED_RACE) + " --plant=" + place + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe)) {
    outcome.output.append(buffer, size);
  }
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

TEST(PlantedRaceTest, SoundCodeIsNotReported) {
  const Outcome outcome = RunPlanted("none");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("1600 read, 1600 written"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("ThreadSanitizer")));
}

TEST(PlantedRaceTest, ARaceInAStreamingHandlerIsReported) {
  const Outcome outcome = RunPlanted("handler");
  EXPECT_EQ(outcome.exit_code, kReported) << outcome.output;
  EXPECT_THAT(outcome.output, ContainsRegex("#0 [^\n]*OnReadDone"));
}

TEST(PlantedRaceTest, ARaceInALanesContinuationIsReported) {
  const Outcome outcome = RunPlanted("continuation");
  EXPECT_EQ(outcome.exit_code, kReported) << outcome.output;
  EXPECT_THAT(outcome.output, ContainsRegex("#0 [^\n]*Continue"));
}

}  // namespace
