#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/async/sync_wait.h"
#include "common/db/database.h"
#include "common/outbox/inbox.h"
#include "common/outbox/relay.h"
#include "migrations/common.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::outbox {
namespace {

using ::veille::testing::IsOk;
using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

// One message of a topic whose receiver answers as the test says.
class OutboxRelayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Message message{.landlord = landlord_,
                          .id = message_,
                          .topic = "topic",
                          .subject = message_.uuid(),
                          .payload = {"payload"}};
    ASSERT_THAT(async::SyncWait(database_->Write(db::Within(absl::Seconds(10), {landlord_}),
                                                 [&](db::WriteTx& tx) -> absl::Status {
                                                   Append(tx, message);
                                                   return absl::OkStatus();
                                                 })),
                IsOk());
  }

  async::Task<absl::Status> Send() {
    absl::MutexLock lock(&mutex_);
    ++sent_;
    co_return answer_;
  }
  // What follows from a refusal leaves its trace in the inbox.
  absl::Status Refuse(db::WriteTx& tx) {
    TakeIn(tx, landlord_, "refused", message_.uuid());
    absl::MutexLock lock(&mutex_);
    return after_refusal_;
  }
  void Start(Refusal refusal = {}) {
    const auto send = [this](const Message&, absl::Time) { return Send(); };
    relay_ = std::make_unique<Relay>(
        *database_, std::map<std::string, Topic>{{"topic", Topic(send, std::move(refusal))}},
        RelayOptions{.interval = absl::Milliseconds(10),
                     .hold = absl::Milliseconds(20),
                     .first_delay = absl::Milliseconds(1)});
  }
  void StartRefusing() {
    Start([this](db::WriteTx& tx, const Message&) { return Refuse(tx); });
  }
  void Answer(const absl::Status& answer, const absl::Status& after_refusal = {}) {
    absl::MutexLock lock(&mutex_);
    answer_ = answer;
    after_refusal_ = after_refusal;
  }
  bool SentTwice() {
    return WaitUntil([&] {
      absl::MutexLock lock(&mutex_);
      return sent_ >= 2;
    });
  }
  std::string Waiting() { return test_database_.Value("SELECT count(*) FROM outbox"); }
  std::string Refused() { return test_database_.Value("SELECT count(*) FROM inbox"); }

  TestDatabase test_database_{migrations::common()};
  const std::unique_ptr<db::Database> database_ = *db::Database::Open(test_database_.options(2));
  const ids::LandlordId landlord_ = ids::LandlordId::Random();
  const MessageId message_ = MessageId::Random();
  absl::Mutex mutex_;
  absl::Status answer_ ABSL_GUARDED_BY(mutex_);
  absl::Status after_refusal_ ABSL_GUARDED_BY(mutex_);
  int sent_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<Relay> relay_;  // last: its thread uses all of the above
};

TEST_F(OutboxRelayTest, AClaimOfWhatIsDueLatelyPassesOverTheRest) {
  test_database_.Query("UPDATE outbox SET due_time = veille_now() - interval '10 seconds'");
  const auto claimed = [&](std::optional<absl::Duration> within) {
    return *async::SyncWait(database_->Write(
        db::Within(absl::Seconds(10)), [&](db::WriteTx& tx) -> absl::StatusOr<size_t> {
          return Claim(tx, 10, absl::Seconds(1), within).size();
        }));
  };
  EXPECT_EQ(claimed(absl::Seconds(5)), 0u);
  EXPECT_EQ(claimed(absl::Seconds(20)), 1u);
  test_database_.Query("UPDATE outbox SET due_time = veille_now() - interval '10 days'");
  EXPECT_EQ(claimed(std::nullopt), 1u);
}

// Entries of its primary key that this transaction has read so far.
constexpr db::Query kReadEntries{"test.entries", R"sql(
  SELECT pg_stat_get_xact_tuples_returned('outbox_pk'::regclass) AS entries
)sql"};

// What was deleted cannot be cleared away as long as a transaction is open that might see it; here
// it is this one.
TEST_F(OutboxRelayTest, OfWhatWasDeletedNothingIsReadAgain) {
  test_database_.Query("DELETE FROM outbox");
  test_database_.Query("VACUUM ANALYZE outbox");
  const auto read = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(60), {landlord_}), [&](db::WriteTx& tx) -> absl::StatusOr<int64_t> {
        const auto pass = [&](int messages) {
          for (int i = 0; i < messages; ++i) {
            const auto id = MessageId::Random();
            Append(tx,
                   Message{.landlord = landlord_, .id = id, .topic = "t", .subject = id.uuid()});
          }
          const std::vector<Message> claimed = Claim(tx, 1'000, absl::Seconds(60));
          PutBack(tx, claimed, std::vector<absl::Duration>(claimed.size(), absl::Seconds(1)));
          EXPECT_EQ(Finish(tx, claimed), static_cast<int>(claimed.size()));
          EXPECT_GE(claimed.size(), static_cast<size_t>(messages));
        };
        pass(0);  // the plans are made while there is nothing
        pass(1'000);
        const auto before = tx.Run(kReadEntries)[0].Get<int64_t>("entries");
        pass(10);
        return tx.Run(kReadEntries)[0].Get<int64_t>("entries") - before;
      }));
  ASSERT_THAT(read, IsOk());
  EXPECT_GE(*read, 10);
  EXPECT_LE(*read, 100);
}

TEST_F(OutboxRelayTest, WhatHasBeenDueForLongIsSentThoughNobodyWakesTheRelay) {
  Start();
  EXPECT_TRUE(WaitUntil([&] { return Waiting() == "0"; }));
  const auto old = MessageId::Random();
  test_database_.Query(
      "INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time) "
      "VALUES ('" +
      landlord_.ToString() + "', '" + old.ToString() + "', 'topic', '" + old.ToString() +
      "', '\\x00', veille_now() - interval '10 days')");
  EXPECT_TRUE(WaitUntil([&] { return Waiting() == "0"; }));
}

TEST_F(OutboxRelayTest, WhatIsTakenNowOrWasBeforeIsDeleted) {
  Answer(absl::AlreadyExistsError("before"));
  StartRefusing();
  EXPECT_TRUE(WaitUntil([&] { return Waiting() == "0"; }));
  EXPECT_EQ(Refused(), "0");
}

TEST_F(OutboxRelayTest, ARefusalForGoodHasItsConsequenceOnceAndIsDeleted) {
  Answer(absl::NotFoundError("gone"));
  StartRefusing();
  EXPECT_TRUE(WaitUntil([&] { return Waiting() == "0"; }));
  EXPECT_EQ(Refused(), "1");
}

TEST_F(OutboxRelayTest, AConsequenceThatFailsKeepsTheMessage) {
  Answer(absl::InvalidArgumentError("no"), absl::InternalError("fault"));
  StartRefusing();
  EXPECT_TRUE(SentTwice());
  EXPECT_EQ(Waiting(), "1");
  EXPECT_EQ(Refused(), "0");
  Answer(absl::InvalidArgumentError("no"));
  EXPECT_TRUE(WaitUntil([&] { return Waiting() == "0"; }));
  EXPECT_EQ(Refused(), "1");
}

TEST_F(OutboxRelayTest, WhatMayPassIsSentAgain) {
  Answer(absl::UnavailableError("down"));
  StartRefusing();
  EXPECT_TRUE(SentTwice());
  EXPECT_EQ(Waiting(), "1");
  EXPECT_EQ(Refused(), "0");
}

TEST_F(OutboxRelayTest, ATopicWithoutAConsequenceGivesNothingUp) {
  Answer(absl::InvalidArgumentError("no"));
  Start();
  EXPECT_TRUE(SentTwice());
  EXPECT_EQ(Waiting(), "1");
}

// A message that is gone stays in the index while an old transaction is open: a claim that follows
// a wake-up must not pass them all. Here they are still there, so that they can be counted.
TEST_F(OutboxRelayTest, AClaimOfWhatIsDueLatelyDoesNotLookAtTheRest) {
  test_database_.Query(
      "INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time) "
      "SELECT gen_random_uuid(), gen_random_uuid(), 'topic', gen_random_uuid(), '', "
      "veille_now() - interval '1 hour' FROM generate_series(1, 3000)");
  test_database_.Query("ANALYZE outbox");
  constexpr db::Query kPassed{"test.passed", R"sql(
    SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS passed
    FROM pg_stat_xact_user_tables WHERE relname = 'outbox'
  )sql"};
  const auto passed = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(10)), [&](db::WriteTx& tx) -> absl::StatusOr<int64_t> {
        EXPECT_EQ(Claim(tx, 10, absl::Seconds(1), absl::Seconds(5)).size(), 1u);
        return tx.Run(kPassed)[0].Get<int64_t>("passed");
      }));
  ASSERT_THAT(passed, IsOk());
  EXPECT_LT(*passed, 10);
}

}  // namespace
}  // namespace veille::outbox
