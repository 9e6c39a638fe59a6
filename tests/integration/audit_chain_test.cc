// How events become a chain: by one loop or several, with crashes between, and what retention
// leaves.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "integration/audit_fixture.h"
#include "testing/wait_until.h"

namespace veille::audit {
namespace {

using testing::IsOk;

class AuditChainTest : public AuditFixture {
 protected:
  void ExpectVerifies(ids::LandlordId landlord, int64_t events, int64_t erased = 0) {
    const auto verified = Verify(landlord);
    EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
    EXPECT_EQ(verified.verified_events(), events);
    EXPECT_EQ(verified.erased_events(), erased);
  }
};

TEST_F(AuditChainTest, EventsAreChainedInBatchesEachLandlordsApart) {
  Leave(landlord_, 20);
  Leave(other_, 3);
  Leave(landlord_, 1);
  EXPECT_EQ(Chain(), 24);
  EXPECT_EQ(Value("SELECT string_agg(batch || ':' || first_sequence || '-' || last_sequence, ' ' "
                  "ORDER BY batch) FROM audit_batches WHERE landlord_id = '" +
                  landlord_.ToString() + "'"),
            "1:1-8 2:9-16 3:17-21");
  ExpectVerifies(landlord_, 21);
  ExpectVerifies(other_, 3);
}

TEST_F(AuditChainTest, TheChainGoesOnWhereItEnded) {
  Leave(landlord_, 5);
  Chain();
  const pb::AuditHead before = HeadOf(landlord_);
  Leave(landlord_, 5);
  Chain();
  const pb::AuditHead after = HeadOf(landlord_);
  EXPECT_EQ(after.batch(), before.batch() + 1);
  EXPECT_EQ(after.sequence(), 11);  // the look at the head is an event too
  EXPECT_NE(after.head(), before.head());
  const auto verified = Verify(landlord_, {before, after});
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
  EXPECT_EQ(verified.to_head().head(), after.head());
  EXPECT_TRUE(verified.signatures_verified());
}

TEST_F(AuditChainTest, OnlyWhatIsCommittedIsChainedAndWhatComesLateComesLater) {
  // An act that is still going on, whose event is the oldest.
  const auto slow = test_database_.options(1);
  const auto act = *db::Database::Open(slow);
  std::atomic<bool> left = false;
  std::atomic<bool> go_on = false;
  std::thread acting([&] {
    EXPECT_THAT(async::SyncWait(act->Write(db::Within(absl::Seconds(20), {landlord_}),
                                           [&](db::WriteTx& tx) -> absl::Status {
                                             privacy::AppendAuditEvent(
                                                 tx, {.landlord = landlord_,
                                                      .actor_role = "volunteer",
                                                      .actor = "slow",
                                                      .method = "RecordCall",
                                                      .object_kind = "household",
                                                      .object = ids::Uuid::Random(),
                                                      .purpose = "welfare call"});
                                             ReadTime(tx);  // so that it is sent
                                             left = true;
                                             while (!go_on) absl::SleepFor(absl::Milliseconds(1));
                                             return absl::OkStatus();
                                           })),
                IsOk());
  });
  while (!left) absl::SleepFor(absl::Milliseconds(1));
  Leave(landlord_, 3);
  EXPECT_EQ(Chain(), 3);
  go_on = true;
  acting.join();
  act->Close();
  EXPECT_EQ(Chain(), 1);
  EXPECT_EQ(Value("SELECT actor FROM audit_events WHERE sequence = 4"), "slow");
  ExpectVerifies(landlord_, 4);
}

TEST_F(AuditChainTest, SeveralLoopsAtOnceDoNotForkTheChain) {
  constexpr int kEvents = 400;
  std::atomic<bool> done = false;
  std::atomic<int> chained = 0;
  std::vector<std::thread> loops;
  for (int i = 0; i < 3; ++i) {
    loops.emplace_back([&] {
      const auto database = *db::Database::Open(test_database_.options(1));
      ChainerOptions options = options_;
      options.events_per_turn = 7;
      bool is_last = false;
      while (!is_last) {
        is_last = done;
        int turn = 0;
        do {
          const auto some = async::SyncWait(database->Write(
              db::Within(absl::Seconds(10)),
              [&](db::WriteTx& tx) -> absl::StatusOr<int> { return ChainWaiting(tx, options); }));
          EXPECT_THAT(some, IsOk());
          turn = some.value_or(0);
          chained += turn;
        } while (turn > 0);
      }
      database->Close();
    });
  }
  for (int i = 0; i < kEvents; ++i) Leave(i % 3 == 0 ? other_ : landlord_, Look{});
  done = true;
  for (std::thread& loop : loops) loop.join();
  chained += Chain();
  EXPECT_EQ(chained, kEvents);
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE is_chained"), absl::StrCat(kEvents));
  ExpectVerifies(landlord_, 266);
  ExpectVerifies(other_, 134);
}

// The key of the batches, should the turn ever fail to keep two apart.
TEST_F(AuditChainTest, TwoThatContinueTheSameHeadCannotBothCommit) {
  Leave(landlord_, 2);
  Chain();
  const auto doubled = async::SyncWait(database_->Write(
      db::Within(absl::Seconds(10), {landlord_}), [&](db::WriteTx& tx) -> absl::Status {
        const struct Chain chain{options_.service, landlord_};
        std::vector<ChainedEvent> events(1);
        events[0].event.landlord = landlord_;
        InsertBatches(
            tx, {{landlord_, MakeBatch(chain, Genesis(chain), absl::Now(), keys_.get(), events)}});
        return absl::OkStatus();
      }));
  EXPECT_FALSE(doubled.ok());
  ExpectVerifies(landlord_, 2);
}

// Wherever the transaction of a turn ends early, nothing of it stands.
TEST_F(AuditChainTest, ATurnThatIsCutOffLeavesTheEventsWaiting) {
  Leave(landlord_, 20);
  const auto cut = async::SyncWait(
      database_->Write(db::Within(absl::Seconds(10)), [&](db::WriteTx& tx) -> absl::Status {
        EXPECT_THAT(ChainWaiting(tx, options_), IsOk());
        ReadTime(tx);  // so that everything is sent
        return absl::AbortedError("killed");
      }));
  EXPECT_FALSE(cut.ok());
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE NOT is_chained"), "20");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_batches"), "0");
  EXPECT_EQ(Chain(), 20);
  ExpectVerifies(landlord_, 20);
}

TEST_F(AuditChainTest, AConnectionThatIsKilledInATurnForksNothing) {
  Leave(landlord_, 20);
  bool is_first = true;
  const auto chained = async::SyncWait(
      database_->Write(db::Within(absl::Seconds(20)), [&](db::WriteTx& tx) -> absl::StatusOr<int> {
        absl::StatusOr<int> some = ChainWaiting(tx, options_);
        if (std::exchange(is_first, false)) {
          ReadTime(tx);
          Sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND "
              "database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        }
        return some;
      }));
  EXPECT_THAT(chained, IsOk());  // run again on another connection
  EXPECT_EQ(Value("SELECT count(*) FROM audit_batches"), "3");
  ExpectVerifies(landlord_, 20);
}

TEST_F(AuditChainTest, WithoutAKeyHeadsAreNotSignedAndTheAnswerSaysSo) {
  ChainerOptions unsigned_options = options_;
  unsigned_options.keys = nullptr;
  Serve(unsigned_options);
  Leave(landlord_, 3);
  ASSERT_EQ(ChainOnce(unsigned_options), 3);
  EXPECT_TRUE(HeadOf(landlord_).signature().empty());
  EXPECT_TRUE(HeadOf(landlord_).key_id().empty());
  const auto verified = Verify(landlord_, {HeadOf(landlord_)});
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
  EXPECT_FALSE(verified.signatures_verified());
}

TEST_F(AuditChainTest, AnEarlierKeyStillVerifiesWhenItsPublicKeyIsKept) {
  Leave(landlord_, 3);
  ASSERT_EQ(Chain(), 3);
  const pb::AuditHead kept = HeadOf(landlord_);
  const std::string next = NewKeyPair().private_pem;
  ChainerOptions options = options_;
  const auto both = *Keys::FromPem(next + pair_.public_pem);
  options.keys = both.get();
  Serve(options);
  ASSERT_EQ(ChainOnce(options), 1);
  EXPECT_EQ(Verify(landlord_, {kept}).problems_size(), 0);
  // Positive control: without it the first batches cannot be verified.
  const auto only_next = *Keys::FromPem(next);
  options.keys = only_next.get();
  Serve(options);
  const auto verified = Verify(landlord_);
  ASSERT_EQ(verified.problems_size(), 1);
  EXPECT_EQ(verified.problems(0).kind(), pb::AUDIT_PROBLEM_KIND_KEY_UNKNOWN);
  options.keys = keys_.get();
  Serve(options);  // before its owner goes
}

TEST_F(AuditChainTest, ErasureByRetentionLeavesAChainThatVerifies) {
  Leave(landlord_, 16);
  Leave(other_, 2);
  Sql("UPDATE audit_events SET event_time = now() - interval '4 years'");
  Leave(landlord_, 3);
  ASSERT_EQ(Chain(), 21);
  const pb::AuditHead kept = HeadOf(landlord_);
  EXPECT_EQ(Erase(options_.keep), 18);
  EXPECT_EQ(Erase(options_.keep), 0);
  // Nothing of them is left but commitments: no body, no salt.
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE event_time < now() - interval '1 year'"),
            "0");
  const auto verified = Verify(landlord_, {kept});
  EXPECT_EQ(verified.problems_size(), 0) << verified.ShortDebugString();
  EXPECT_EQ(verified.erased_events(), 16);
  EXPECT_EQ(verified.verified_events(), 3);
  // That something was erased is an event itself, and is chained.
  EXPECT_EQ(Value("SELECT string_agg(outcome, ', ' ORDER BY outcome) FROM audit_events WHERE "
                  "method = 'EraseAuditEvents'"),
            "erased 16 events, erased 2 events");
  ASSERT_GT(Chain(), 0);
  EXPECT_EQ(Verify(landlord_, {kept}).problems_size(), 0);
  EXPECT_EQ(Verify(other_).problems_size(), 0);
}

TEST_F(AuditChainTest, TamperingAfterAnErasureIsFound) {
  Leave(landlord_, 16);
  Sql("UPDATE audit_events SET event_time = now() - interval '4 years'");
  Leave(landlord_, 16);
  ASSERT_EQ(Chain(), 32);
  ASSERT_EQ(Erase(options_.keep), 16);
  const std::vector<std::pair<std::string, pb::AuditProblemKind>> tamperings = {
      {"UPDATE audit_events SET actor = 'bob' WHERE sequence = 20",
       pb::AUDIT_PROBLEM_KIND_EVENT_CHANGED},
      {"DELETE FROM audit_events WHERE sequence = 30", pb::AUDIT_PROBLEM_KIND_EVENT_MISSING},
      {"UPDATE audit_batches SET commitments = overlay(commitments PLACING sha256('x') FROM 1) "
       "WHERE batch = 1",
       pb::AUDIT_PROBLEM_KIND_HEAD_WRONG},
      {"UPDATE audit_batches SET erase_time = now() WHERE batch = 4; DELETE FROM audit_events "
       "WHERE sequence BETWEEN 25 AND 32",
       pb::AUDIT_PROBLEM_KIND_ERASED_EARLY},
      {"INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, "
       "purpose, outcome, is_chained, sequence, salt) VALUES ('" +
           landlord_.ToString() +
           "', 'volunteer', 'x', 'x', 'x', gen_random_uuid(), 'x', 'x', true, 5, "
           "gen_random_uuid())",
       pb::AUDIT_PROBLEM_KIND_EVENT_ADDED},
      {"DELETE FROM audit_batches WHERE batch = 1", pb::AUDIT_PROBLEM_KIND_BATCH_MISSING}};
  Sql("CREATE TABLE events_kept AS SELECT * FROM audit_events WHERE is_chained; "
      "CREATE TABLE batches_kept AS SELECT * FROM audit_batches");
  for (const auto& [sql, kind] : tamperings) {
    EXPECT_EQ(Verify(landlord_).problems_size(), 0) << sql;
    Sql(sql);
    const auto verified = Verify(landlord_);
    ASSERT_GT(verified.problems_size(), 0) << sql;
    EXPECT_EQ(verified.problems(0).kind(), kind) << sql << "\n" << verified.ShortDebugString();
    Sql("DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM events_kept; "
        "DELETE FROM audit_batches; INSERT INTO audit_batches SELECT * FROM batches_kept");
  }
}

TEST_F(AuditChainTest, ALongTrailIsVerifiedPartByPart) {
  Sql(absl::StrCat(
      "INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, ",
      "purpose, outcome) SELECT '", landlord_.ToString(),
      "', 'volunteer', 'ada', 'LeaseNextCall', 'household', gen_random_uuid(), 'welfare call', ",
      "'granted' FROM generate_series(1, 12000)"));
  ChainerOptions options = options_;
  options.events_per_batch = 1000;
  while (ChainOnce(options) > 0) {
  }
  ExpectVerifies(landlord_, 12000);
  Sql("DELETE FROM audit_events WHERE sequence BETWEEN 500 AND 2500");
  pb::VerifyAuditTrailRequest request;
  const auto verified = Call(&pb::AuditService::Stub::VerifyAuditTrail, request, landlord_);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->problems_size(), 1000);
  EXPECT_EQ(verified->more_problems(), 1001);
  EXPECT_EQ(verified->problems(0).sequence(), 500);
}

TEST_F(AuditChainTest, TheLoopChainsWritesDenialsAndErases) {
  Leave(landlord_, 3);
  Sql("UPDATE audit_events SET event_time = now() - interval '4 years'");
  ASSERT_EQ(Chain(), 3);
  Leave(landlord_, 1);
  denials_.Add({landlord_, "volunteer", "eve", "GetHousehold"}, absl::Now());
  denials_.Add({landlord_, "volunteer", "eve", "GetHousehold"}, absl::Now());
  const auto loop = StartLoop();
  ASSERT_TRUE(testing::WaitUntil([&] {
    return Value("SELECT count(*) FROM audit_batches WHERE erase_time IS NOT NULL") == "1" &&
           Value("SELECT count(*) FROM audit_events WHERE NOT is_chained") == "0" &&
           Value("SELECT count(*) FROM audit_events WHERE method = 'EraseAuditEvents'") == "1";
  }));
  EXPECT_EQ(Value("SELECT actor_role || ' ' || actor || ' ' || method || ' ' || object_kind || ' ' "
                  "|| outcome FROM audit_events WHERE outcome LIKE 'denied%'"),
            "volunteer eve GetHousehold unknown denied 2 times");
  loop->Stop();
  EXPECT_EQ(Verify(landlord_).problems_size(), 0);
}

TEST_F(AuditChainTest, MissesAreToldFromDenialsByRule) {
  const audit::Denied by_rule = {landlord_, "volunteer", "eve", "GetCallSheet"};
  audit::Denied missed = by_rule;
  missed.missed = true;
  denials_.Add(by_rule, absl::Now());
  for (int i = 0; i < 3; ++i) denials_.Add(missed, absl::Now());
  StartLoop(absl::Hours(1))->Stop();
  EXPECT_EQ(Value("SELECT string_agg(outcome, '; ' ORDER BY outcome) FROM audit_events "
                  "WHERE actor = 'eve' AND method = 'GetCallSheet'"),
            "denied; denied 3 times, not found");
}

TEST_F(AuditChainTest, DenialsThatDoNotFitAreCountedAndTheCountIsWritten) {
  for (int i = 0; i < 20; ++i) {  // 16 fit
    denials_.Add({landlord_, "volunteer", absl::StrCat("eve", i), "GetHousehold"}, absl::Now());
  }
  // Stopped at once, it still writes them.
  StartLoop(absl::Hours(1))->Stop();
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE actor LIKE 'eve%'"), "16");
  EXPECT_EQ(Value("SELECT outcome FROM audit_events WHERE actor = 'call-tracking'"),
            "denied 4 times, by whom was not kept");
}

TEST_F(AuditChainTest, TheOperatorSeesWhatWaits) {
  Leave(landlord_, 3);
  Sql("UPDATE audit_events SET event_time = now() - interval '90 seconds'");
  const auto waiting = async::SyncWait(
      database_->Read(db::Within(absl::Seconds(10)),
                      [](db::ReadTx& tx) -> absl::StatusOr<Waiting> { return ReadWaiting(tx); }));
  ASSERT_THAT(waiting, IsOk());
  EXPECT_EQ(waiting->events, 3);
  EXPECT_GE(waiting->oldest, absl::Seconds(89));
}

}  // namespace
}  // namespace veille::audit
