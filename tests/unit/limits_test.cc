// Rates: what one caller, one address and all together may do, and what it costs to know.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/limits/address.h"
#include "common/limits/limits.h"
#include "google/rpc/error_details.pb.h"
#include "testing/fake_monotonic_clock.h"
#include "testing/status_matchers.h"

namespace veille::limits {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::FakeMonotonicClock;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;
namespace pb = ::veille::common::v1;

constexpr nanoseconds kNothing(0);

TEST(BucketTest, GivesTheBurstThenTheRate) {
  const Bucket bucket({.per_second = 10, .burst = 3});
  nanoseconds full(0);
  nanoseconds now = seconds(7);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.Take(full, now), kNothing) << i;
  EXPECT_EQ(bucket.Take(full, now), milliseconds(100));
  EXPECT_EQ(bucket.Take(full, now), milliseconds(100)) << "to be refused costs nothing";
  now += milliseconds(99);
  EXPECT_EQ(bucket.Take(full, now), milliseconds(1));
  now += milliseconds(1);
  EXPECT_EQ(bucket.Take(full, now), kNothing) << "when it was said to be";
  EXPECT_EQ(bucket.Take(full, now), milliseconds(100));
  // A long rest gives the burst back, and no more.
  now += seconds(3600);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.Take(full, now), kNothing) << i;
  EXPECT_EQ(bucket.Take(full, now), milliseconds(100));
}

TEST(BucketTest, KeepsItsRateInTheLongRun) {
  const Bucket bucket({.per_second = 50, .burst = 200});
  nanoseconds full(0);
  int taken = 0;
  for (nanoseconds now = seconds(1); now < seconds(61); now += milliseconds(1)) {
    if (bucket.Take(full, now) == kNothing) ++taken;
  }
  EXPECT_NEAR(taken, 200 + 60 * 50, 2);
}

TEST(BucketsTest, EachKeyHasItsOwn) {
  Buckets buckets({.per_second = 1, .burst = 2});
  const nanoseconds now = seconds(5);
  for (const uint64_t key : {uint64_t{1}, uint64_t{2}, ~uint64_t{0}}) {
    EXPECT_EQ(buckets.Take(key, now), kNothing);
    EXPECT_EQ(buckets.Take(key, now), kNothing);
    EXPECT_EQ(buckets.Take(key, now), seconds(1));
  }
  buckets.GiveBack(2);
  EXPECT_EQ(buckets.Take(2, now), kNothing);
  EXPECT_EQ(buckets.Take(1, now), seconds(1));
}

TEST(BucketsTest, WithoutARateNothingIsRefusedNorKept) {
  Buckets buckets({.per_second = 0});
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(buckets.Take(1, seconds(1)), kNothing);
  EXPECT_EQ(buckets.size(), 0u);
}

// Keys as a hash gives them.
uint64_t Key(uint64_t number) { return number * 0x9e3779b97f4a7c15; }

TEST(BucketsTest, DropsThoseThatAreFullAgain) {
  Buckets buckets({.per_second = 10, .burst = 5}, 65'536);
  nanoseconds now = seconds(1);
  // A second's worth of ten thousand clients, for six seconds: each is full again a moment later.
  for (uint64_t client = 0; client < 60'000; ++client) {
    now += nanoseconds(seconds(1)) / 10'000;
    EXPECT_EQ(buckets.Take(Key(client), now), kNothing);
  }
  // Those of the last tenth of a second, and at most as many that wait for the next sweep.
  EXPECT_LT(buckets.size(), 10'000u);
}

TEST(BucketsTest, ACrowdSharesWhatThereIsRoomFor) {
  constexpr size_t kMost = 6'400;
  Buckets buckets({.per_second = 1, .burst = 2}, kMost);
  const nanoseconds now = seconds(1);
  int taken = 0;
  for (uint64_t client = 0; client < 100'000; ++client) {
    if (buckets.Take(Key(client), now) == kNothing) ++taken;
  }
  EXPECT_LE(buckets.size(), kMost);
  EXPECT_LE(taken, static_cast<int>(kMost + 2 * 64)) << "nobody gets by";
  EXPECT_GT(taken, static_cast<int>(kMost / 2));
  // Who has a bucket keeps it.
  EXPECT_EQ(buckets.Take(Key(0), now), kNothing);
  EXPECT_EQ(buckets.Take(Key(0), now), seconds(1));
  // And there is room again when the others are full.
  EXPECT_EQ(buckets.Take(Key(200'000), now + seconds(3)), kNothing);
  EXPECT_LT(buckets.size(), kMost);
}

TEST(BucketsTest, ManyThreadsTakeNoMoreThanThereIs) {
  Buckets buckets({.per_second = 1, .burst = 1'000});
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        if (buckets.Take(7, seconds(1)) == kNothing) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1'000);
}

TEST(AddressKeyTest, TellsClientsApartAsTheirNetworksDo) {
  const uint64_t one = AddressKey("ipv4:192.0.2.1:4711");
  EXPECT_EQ(AddressKey("ipv4:192.0.2.1:9"), one) << "whatever the port";
  EXPECT_EQ(AddressKey("192.0.2.1"), one) << "as the edge says it";
  EXPECT_EQ(AddressKey("ipv6:%5B::ffff:192.0.2.1%5D:4711"), one) << "at a socket for both";
  EXPECT_EQ(AddressKey("ipv6:[::ffff:192.0.2.1]:4711"), one);
  EXPECT_NE(AddressKey("ipv4:192.0.2.2:4711"), one);
  EXPECT_NE(AddressKey("ipv6:[::ffff:192.0.2.2]:4711"), one);

  const uint64_t network = AddressKey("ipv6:%5B2001:db8:1:2::1%5D:4711");
  EXPECT_EQ(AddressKey("ipv6:[2001:db8:1:2:ffff::9]:1"), network) << "one network, one client";
  EXPECT_EQ(AddressKey("2001:db8:1:2::7"), network);
  EXPECT_EQ(AddressKey("fe80::1%eth0"), AddressKey("ipv6:[fe80::2%25eth1]:5"));
  EXPECT_NE(AddressKey("2001:db8:1:3::1"), network);

  for (const char* odd : {"", "unix:/run/veille", "ipv4:", "ipv6:[", "ipv6:]", "[", "nonsense"}) {
    EXPECT_EQ(AddressKey(odd), AddressKey(odd)) << odd;
    EXPECT_NE(AddressKey(odd), one) << odd;
  }
}

access::Caller Person(const std::string& subject) {
  access::Caller caller;
  caller.role = pb::ROLE_VOLUNTEER;
  caller.subject = subject;
  caller.issuer = "https://login.example";
  return caller;
}

absl::Duration RetryOf(const absl::Status& status) {
  google::rpc::RetryInfo retry;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  if (!payload.has_value() || !retry.ParseFromString(std::string(*payload))) {
    return absl::InfiniteDuration();
  }
  return absl::Seconds(retry.retry_delay().seconds()) +
         absl::Nanoseconds(retry.retry_delay().nanos());
}

std::string TextOf(const Limits& limits) {
  metrics::Scrape scrape;
  limits.Expose(scrape);
  return scrape.Text();
}

TEST(CallRatesTest, HoldBackWhoCallsTooOftenAndNobodyElse) {
  FakeMonotonicClock clock;
  Limits limits({.calls = {.person = {.per_second = 4, .burst = 3}}}, clock);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(limits.calls.Admit(Person("ada")), IsOk());
  const absl::Status refused = limits.calls.Admit(Person("ada"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_RATE_LIMITED));
  EXPECT_EQ(RetryOf(refused), absl::Milliseconds(250));

  EXPECT_THAT(limits.calls.Admit(Person("bob")), IsOk());
  access::Caller elsewhere = Person("ada");
  elsewhere.issuer = "https://login.other.example";
  EXPECT_THAT(limits.calls.Admit(elsewhere), IsOk()) << "another person of that name";
  elsewhere = Person("ada");
  elsewhere.landlord = ids::LandlordId::Random();
  EXPECT_THAT(limits.calls.Admit(elsewhere), IsOk());
  access::Caller other_role = Person("ada");
  other_role.role = pb::ROLE_COORDINATOR;
  EXPECT_THAT(limits.calls.Admit(other_role), ReasonIs(pb::ERROR_REASON_RATE_LIMITED))
      << "the same person";

  clock.Advance(RetryOf(refused));
  EXPECT_THAT(limits.calls.Admit(Person("ada")), IsOk()) << "when it was said to be allowed";
  EXPECT_THAT(limits.calls.Admit(Person("ada")), ReasonIs(pb::ERROR_REASON_RATE_LIMITED));

  EXPECT_THAT(TextOf(limits),
              HasSubstr("veille_calls_limited_total{role=\"person\",reason=\"rate\"} 3"));
}

TEST(CallRatesTest, PartnersHaveTheirOwnAndServicesNone) {
  FakeMonotonicClock clock;
  Limits limits({.calls = {.person = {.per_second = 1, .burst = 1},
                           .partner = {.per_second = 1, .burst = 2}}},
                clock);
  access::Caller partner = Person("machine");
  partner.role = pb::ROLE_PARTNER;
  EXPECT_THAT(limits.calls.Admit(partner), IsOk());
  EXPECT_THAT(limits.calls.Admit(partner), IsOk());
  EXPECT_THAT(limits.calls.Admit(partner), ReasonIs(pb::ERROR_REASON_RATE_LIMITED));
  access::Caller service = Person("call-tracking");
  service.role = pb::ROLE_SERVICE;
  for (int i = 0; i < 100; ++i) EXPECT_THAT(limits.calls.Admit(service), IsOk());
  EXPECT_THAT(TextOf(limits),
              HasSubstr("veille_calls_limited_total{role=\"partner\",reason=\"rate\"} 1"));
}

TEST(TokenChecksTest, RefusedTokensCostTheirAddressAndGoodOnesDoNot) {
  FakeMonotonicClock clock;
  Limits limits({.tokens = {.refused_per_address = {.per_second = 2, .burst = 5},
                            .all = {.per_second = 1'000, .burst = 10'000}}},
                clock);
  constexpr char kHouse[] = "ipv4:192.0.2.1:1";
  for (int i = 0; i < 1'000; ++i) {
    auto charge = limits.tokens.Begin(kHouse);
    ASSERT_THAT(charge, IsOk()) << "a building full of volunteers signs in";
    charge->GiveBack();
  }
  for (int i = 0; i < 5; ++i) EXPECT_THAT(limits.tokens.Begin(kHouse), IsOk());
  const auto refused = limits.tokens.Begin(kHouse);
  EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_RATE_LIMITED));
  EXPECT_EQ(RetryOf(refused.status()), absl::Milliseconds(500));
  EXPECT_THAT(limits.tokens.Begin("ipv4:192.0.2.2:1"), IsOk()) << "others go on";
  clock.Advance(absl::Milliseconds(500));
  EXPECT_THAT(limits.tokens.Begin(kHouse), IsOk());
  EXPECT_THAT(
      TextOf(limits),
      HasSubstr("veille_calls_limited_total{role=\"unknown\",reason=\"refused-tokens\"} 1"));
}

TEST(TokenChecksTest, AllTogetherAreBoundedWhateverTheAddress) {
  FakeMonotonicClock clock;
  Limits limits({.tokens = {.refused_per_address = {.per_second = 10, .burst = 10},
                            .all = {.per_second = 100, .burst = 50}}},
                clock);
  int begun = 0;
  for (int i = 0; i < 1'000; ++i) {
    begun += limits.tokens.Begin(absl::StrCat("ipv4:192.0.", i / 250, ".", i % 250, ":1")).ok();
  }
  EXPECT_EQ(begun, 50);
  // What was refused for all cost its address nothing.
  clock.Advance(absl::Seconds(1));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(limits.tokens.Begin("ipv4:192.0.3.249:1"), IsOk());
  EXPECT_THAT(limits.tokens.Begin("ipv4:192.0.3.249:1"), ReasonIs(pb::ERROR_REASON_RATE_LIMITED));
  EXPECT_THAT(
      TextOf(limits),
      HasSubstr("veille_calls_limited_total{role=\"unknown\",reason=\"token-checks\"} 950"));
}

}  // namespace
}  // namespace veille::limits
