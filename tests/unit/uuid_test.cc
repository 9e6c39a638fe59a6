#include "common/ids/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <type_traits>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"

namespace veille::ids {
namespace {

TEST(Uuid, IsUniqueAcrossThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50'000;
  std::vector<std::vector<Uuid>> made(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([&mine] {
        for (int i = 0; i < kEach; ++i) mine.push_back(Uuid::Random());
      });
    }
  }
  absl::flat_hash_set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), kThreads * kEach);
}

TEST(Uuid, IsOfVersion7AndOrderedByTime) {
  const int64_t before = absl::ToUnixMillis(absl::Now());
  const Uuid uuid = Uuid::Random();
  const int64_t after = absl::ToUnixMillis(absl::Now());
  EXPECT_EQ(uuid.bytes()[6] >> 4, 7);
  EXPECT_EQ(uuid.bytes()[8] >> 6, 2);
  int64_t milliseconds = 0;
  for (int i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | uuid.bytes()[i];
  EXPECT_GE(milliseconds, before);
  EXPECT_LE(milliseconds, after);
}

TEST(Uuid, IsOrderedWithinAMillisecond) {
  Uuid last = Uuid::Random();
  for (int i = 0; i < 1000; ++i) {
    const auto begin = std::chrono::system_clock::now();
    while (std::chrono::system_clock::now() - begin < std::chrono::microseconds(1)) {
    }
    const Uuid next = Uuid::Random();
    ASSERT_LT(last.ToString(), next.ToString());
    last = next;
  }
}

TEST(Uuid, RoundTripsThroughItsText) {
  const Uuid uuid = Uuid::Random();
  EXPECT_EQ(uuid.ToString().size(), 36);
  EXPECT_EQ(Uuid::Parse(uuid.ToString()), uuid);
  EXPECT_EQ(Uuid::FromBytes(uuid.bytes()), uuid);
  EXPECT_EQ(Uuid::Parse("0190A5E0-7A1B-7C3D-8E4F-0123456789AB")->ToString(),
            "0190a5e0-7a1b-7c3d-8e4f-0123456789ab");
  EXPECT_TRUE(Uuid::Parse("00000000-0000-0000-0000-000000000000")->is_nil());
}

TEST(Uuid, ReadsNothingButTheCanonicalForm) {
  const std::string good = "0190a5e0-7a1b-7c3d-8e4f-0123456789ab";
  ASSERT_TRUE(Uuid::Parse(good).has_value());
  std::vector<std::string> bad = {"",
                                  "0190a5e07a1b7c3d8e4f0123456789ab",
                                  "{" + good + "}",
                                  " " + good.substr(1),
                                  good + "0",
                                  good.substr(1),
                                  "0190a5e0-7a1b-7c3d-8e4f-0123456789ag",
                                  "0190a5e0_7a1b_7c3d_8e4f_0123456789ab",
                                  "0190a5e-07a1b-7c3d-8e4f-0123456789ab",
                                  "-190a5e0-7a1b-7c3d-8e4f-0123456789ab"};
  bad.push_back(good);
  bad.back()[5] = '\0';
  for (const std::string& text : bad) EXPECT_FALSE(Uuid::Parse(text).has_value()) << text;
}

TEST(Id, SaysOfWhat) {
  static_assert(!std::is_convertible_v<HouseholdId, TenantId>);
  static_assert(!std::is_convertible_v<Uuid, TenantId>);
  const auto household = HouseholdId::Random();
  EXPECT_EQ(HouseholdId::Parse(household.ToString()), household);
  EXPECT_TRUE(HouseholdId().is_nil());
}

}  // namespace
}  // namespace veille::ids
