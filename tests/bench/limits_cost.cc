// What a call pays for its rate limit: of one caller, of many, and of a crowd of new addresses, by
// one thread and by two at once. Nanoseconds per call, the clock's included.
//
//   build/release/tests/bin/limits_cost

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/limits/limits.h"

namespace {

using namespace veille;  // NOLINT: the library is the subject

constexpr int kCalls = 2'000'000;
constexpr int kPeople = 10'000;

// Rates that are never reached.
constexpr limits::Rate kFast{.per_second = 100'000'000, .burst = 100'000'000};

void Measure(const char* what, int threads, const std::function<void(int, int)>& call) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&call, thread] {
      for (int i = 0; i < kCalls; ++i) call(thread, i);
    });
  }
  for (std::thread& thread : running) thread.join();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  std::printf("%-34s %d threads: %4.0f ns\n", what, threads, taken.count() / kCalls);
}

}  // namespace

int main() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as services do
  const time::SteadyClock clock;
  limits::Limits limits({.calls = {.person = kFast, .partner = kFast},
                         .tokens = {.refused_per_address = kFast, .all = kFast}},
                        clock);
  std::vector<access::Caller> people(kPeople);
  std::vector<std::string> addresses;
  for (int i = 0; i < kPeople; ++i) {
    people[static_cast<size_t>(i)].role = common::v1::ROLE_VOLUNTEER;
    people[static_cast<size_t>(i)].subject = absl::StrCat("volunteer-", i, "@landlord.example");
    people[static_cast<size_t>(i)].issuer = "https://login.example/realms/veille";
    addresses.push_back(absl::StrCat("ipv4:192.0.", i / 250, ".", i % 250, ":4711"));
  }
  for (const int threads : {1, 2}) {
    Measure("calls of one person", threads, [&](int, int) { (void)limits.calls.Admit(people[0]); });
    Measure("calls of 10,000 people", threads, [&](int thread, int i) {
      (void)limits.calls.Admit(people[static_cast<size_t>((i + thread * 5'000) % kPeople)]);
    });
    Measure("token checks of 10,000 addresses", threads, [&](int thread, int i) {
      (void)limits.tokens.Begin(addresses[static_cast<size_t>((i + thread * 5'000) % kPeople)]);
    });
  }
}
