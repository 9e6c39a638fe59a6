#include "common/async/coalescer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <thread>

#include "testing/manual_flush.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::async {
namespace {

namespace pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::veille::testing::Answer;
using ::veille::testing::ManualFlush;
using ::veille::testing::Number;
using ::veille::testing::Numbers;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;
using ::veille::testing::Submit;
using ::veille::testing::WaitUntil;

std::string KeyOf(const Number& number) { return number.key; }

TEST(Coalescer, GathersWhileABatchIsFlushed) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  Answer one = Submit(numbers, {1});
  Answer two = Submit(numbers, {2});
  Answer three = Submit(numbers, {3});
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1)));
  flush.Finish();
  EXPECT_EQ(*one->value(), 10);
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
  EXPECT_FALSE(two->has_value());
  flush.Finish();
  EXPECT_EQ(*two->value(), 20);
  EXPECT_EQ(*three->value(), 30);
}

TEST(Coalescer, CapsABatchAndFlushesSeveralSideBySideWhenAllowed) {
  ManualFlush flush;
  std::vector<size_t> sizes;
  Numbers numbers(
      {.max_batch = 2, .max_in_flight = 2, .on_batch = [&](size_t size) { sizes.push_back(size); }},
      flush.function());
  std::vector<Answer> answers;
  for (int i = 1; i <= 7; ++i) answers.push_back(Submit(numbers, {i}));
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1), ElementsAre(2)));
  while (flush.Finish()) {
  }
  EXPECT_THAT(sizes, ElementsAre(1, 1, 2, 2, 1));
  for (int i = 1; i <= 7; ++i) EXPECT_EQ(*answers[i - 1]->value(), i * 10);
}

TEST(Coalescer, EqualKeysNeverShareABatchAndKeepTheirOrder) {
  ManualFlush flush;
  Numbers numbers({}, flush.function(), KeyOf);
  std::vector<Answer> answers;
  answers.push_back(Submit(numbers, {1, "x"}));
  for (const Number& number : {Number{2, "a"}, {3, "a"}, {4, "b"}, {5, "a"}, {6, "b"}}) {
    answers.push_back(Submit(numbers, number));
  }
  while (flush.Finish()) {
  }
  EXPECT_THAT(flush.batches(),
              ElementsAre(ElementsAre(1), ElementsAre(2, 4), ElementsAre(3, 6), ElementsAre(5)));
  for (const Answer& answer : answers) EXPECT_TRUE(answer->has_value());
}

TEST(Coalescer, ARefusedItemDoesNotDisturbItsBatch) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  Answer first = Submit(numbers, {1});
  Answer refused = Submit(numbers, {.value = 2, .refused = true});
  Answer good = Submit(numbers, {3});
  while (flush.Finish()) {
  }
  EXPECT_THAT(flush.batches(), SizeIs(2));
  EXPECT_THAT(refused->value(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(*good->value(), 30);
}

TEST(Coalescer, ABatchThatFailsIsFlushedItemByItem) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  std::vector<Answer> answers;
  answers.push_back(Submit(numbers, {1}));
  for (int i = 2; i <= 4; ++i) answers.push_back(Submit(numbers, {.value = i, .poisoned = i == 3}));
  while (flush.Finish()) {
  }
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1), ElementsAre(2, 3, 4), ElementsAre(2),
                                           ElementsAre(3), ElementsAre(4)));
  EXPECT_EQ(*answers[1]->value(), 20);
  EXPECT_THAT(answers[2]->value(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(*answers[3]->value(), 40);
}

TEST(Coalescer, NoItemIsToBlameWhenTheDatabaseIsGone) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  Answer first = Submit(numbers, {1});
  Answer second = Submit(numbers, {2});
  Answer third = Submit(numbers, {3});
  flush.Finish();
  flush.Finish(errors::DatabaseUnavailable());
  EXPECT_FALSE(flush.Finish());
  EXPECT_THAT(second->value(), ReasonIs(pb::ERROR_REASON_DATABASE_UNAVAILABLE));
  EXPECT_THAT(third->value(), ReasonIs(pb::ERROR_REASON_DATABASE_UNAVAILABLE));
}

TEST(Coalescer, AFlushThatThrowsOrMiscountsIsAnError) {
  Numbers throwing({}, [](std::vector<const Number*>) -> Task<absl::StatusOr<Numbers::Results>> {
    throw std::runtime_error("not for callers");
    co_return Numbers::Results();
  });
  EXPECT_THAT(Submit(throwing, {1})->value(), ReasonIs(pb::ERROR_REASON_INTERNAL));
  Numbers miscounting({}, [](std::vector<const Number*>) -> Task<absl::StatusOr<Numbers::Results>> {
    co_return Numbers::Results();
  });
  EXPECT_THAT(Submit(miscounting, {1})->value(), ReasonIs(pb::ERROR_REASON_INTERNAL));
}

TEST(Coalescer, DropsWhatIsPastItsDeadline) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  EXPECT_THAT(Submit(numbers, {9}, absl::InfinitePast())->value(),
              ReasonIs(pb::ERROR_REASON_DEADLINE_PASSED));
  Answer first = Submit(numbers, {1});
  const absl::Time deadline = absl::Now() + absl::Milliseconds(5);
  Answer late = Submit(numbers, {2}, deadline);
  Answer in_time = Submit(numbers, {3});
  ASSERT_TRUE(WaitUntil([&] { return absl::Now() > deadline; }));
  while (flush.Finish()) {
  }
  EXPECT_THAT(late->value(), ReasonIs(pb::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_EQ(*in_time->value(), 30);
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1), ElementsAre(3)));
}

TEST(Coalescer, CancelsWhatWaitsAndFinishesWhatIsTaken) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  std::stop_source taken_caller;
  std::stop_source waiting_caller;
  Answer taken = Submit(numbers, {1}, absl::InfiniteFuture(), taken_caller.get_token());
  Answer waiting = Submit(numbers, {2}, absl::InfiniteFuture(), waiting_caller.get_token());
  taken_caller.request_stop();
  waiting_caller.request_stop();
  while (flush.Finish()) {
  }
  EXPECT_EQ(*taken->value(), 10);
  EXPECT_THAT(waiting->value(), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(flush.batches(), ElementsAre(ElementsAre(1)));
}

TEST(Coalescer, RefusesWhatWouldWaitTooLong) {
  ManualFlush flush;
  Numbers numbers({.max_waiting = 2}, flush.function());
  std::vector<Answer> answers;
  for (int i = 1; i <= 4; ++i) answers.push_back(Submit(numbers, {i}));
  EXPECT_THAT(answers[3]->value(), ReasonIs(pb::ERROR_REASON_OVERLOADED));
  while (flush.Finish()) {
  }
  EXPECT_EQ(*answers[2]->value(), 30);
}

TEST(Coalescer, CloseRefusesNewItemsAndAnswersThoseThatWait) {
  ManualFlush flush;
  Numbers numbers({}, flush.function());
  Answer taken = Submit(numbers, {1});
  Answer waiting = Submit(numbers, {2});
  std::atomic<bool> closed{false};
  std::jthread closer([&] {
    numbers.Close();
    closed = true;
  });
  // Refused as soon as Close has begun.
  ASSERT_TRUE(WaitUntil([&] {
    const Answer answer = Submit(numbers, {3});
    return answer->has_value() &&
           errors::ReasonOf(answer->value().status()) == pb::ERROR_REASON_DRAINING;
  }));
  EXPECT_FALSE(closed);
  while (flush.Finish()) {
  }
  closer.join();
  EXPECT_EQ(*taken->value(), 10);
  EXPECT_EQ(*waiting->value(), 20);
}

// A flush that ends at once (a refusal, a stub) must not pile up on the stack.
TEST(Coalescer, StackStaysFlatWhenFlushesEndAtOnce) {
  ManualFlush flush;
  Numbers numbers({.max_waiting = 50'000}, flush.function(), KeyOf);
  std::vector<Answer> answers;
  for (int i = 0; i < 50'000; ++i) answers.push_back(Submit(numbers, {i, "same"}));
  flush.FinishAtOnceFromNowOn();
  flush.Finish();
  for (int i = 0; i < 50'000; ++i) ASSERT_EQ(*answers[i]->value(), i * 10);
}

Task<int> SubmitManyInARow(Numbers& numbers, int count) {
  int good = 0;
  for (int i = 0; i < count; ++i) {
    const auto result = co_await numbers.Submit({i}, absl::InfiniteFuture(), {});
    good += result.ok() ? 1 : 0;
  }
  co_return good;
}

TEST(Coalescer, ACallerMayComeAgainAtOnce) {
  ManualFlush flush;
  flush.FinishAtOnceFromNowOn();
  Numbers numbers({}, flush.function());
  EXPECT_EQ(SyncWait(SubmitManyInARow(numbers, 200'000)), 200'000);
}

// Callers on many threads, flushes on two others, a fifth cancelled in the middle.
TEST(Coalescer, AnswersEachCallerOnceWhateverTheThreads) {
  constexpr int kThreads = 8;
  constexpr int kEach = 4'000;
  testing::FlushThreads flush(2);
  Numbers numbers({.max_batch = 64, .max_in_flight = 2}, flush.function(), KeyOf);
  std::atomic<int> good{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::vector<Answer> answers;
        for (int i = 0; i < kEach; ++i) {
          std::stop_source caller;
          const int value = t * kEach + i;
          answers.push_back(Submit(numbers, {value, std::to_string(value % 97)},
                                   absl::InfiniteFuture(), caller.get_token()));
          if (value % 5 == 0) caller.request_stop();
          if (i % 64 == 0) answers.back()->WaitForValue();
        }
        for (int i = 0; i < kEach; ++i) {
          const auto& result = answers[i]->WaitForValue();
          if (result.ok() && *result == (t * kEach + i) * 10) {
            ++good;
          } else if (absl::IsCancelled(result.status())) {
            ++cancelled;
          } else {
            ++wrong;
          }
        }
      });
    }
  }
  numbers.Close();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(good + cancelled, kThreads * kEach);
  EXPECT_EQ(good, flush.items());
  EXPECT_EQ(flush.batches_with_equal_keys(), 0);
}

}  // namespace
}  // namespace veille::async
