// WatchReferrals: each change, in order, from where the watcher stopped, whoever commits what when.

#include <gmock/gmock.h>

#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"
#include "referral/changes/change_feed.h"
#include "referral/store/change_store.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

// "version state" of one referral.
std::string Short(const pb::ReferralChange& change) {
  return absl::StrCat(change.version(), " ", static_cast<int>(change.state()));
}

class WatchReferralsTest : public ReferralFixture {
 protected:
  // One watch. The first answer is read at once: from there on nothing is missed.
  class Watch {
   public:
    Watch(pb::ReferralService::Stub& stub, const Identity& identity,
          const pb::WatchReferralsRequest& request) {
      Identify(context_, identity);
      reader_ = stub.WatchReferrals(&context_, request);
    }
    // Absent when the watch has ended.
    std::optional<pb::WatchReferralsResponse> Next() {
      pb::WatchReferralsResponse response;
      if (!reader_->Read(&response)) return std::nullopt;
      token_ = response.resume_token();
      return response;
    }
    // So many changes, however they come.
    std::vector<pb::ReferralChange> Take(size_t count) {
      std::vector<pb::ReferralChange> changes;
      while (changes.size() < count) {
        const auto response = Next();
        if (!response.has_value()) break;
        changes.insert(changes.end(), response->changes().begin(), response->changes().end());
      }
      EXPECT_EQ(changes.size(), count);
      return changes;
    }
    const std::string& token() const { return token_; }
    absl::Status Finish() {
      is_finished_ = true;
      return rpc::FromGrpc(reader_->Finish());
    }
    ~Watch() {
      if (is_finished_) return;
      context_.TryCancel();
      while (Next().has_value()) continue;
      reader_->Finish();
    }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<pb::WatchReferralsResponse>> reader_;
    std::string token_;
    bool is_finished_ = false;
  };

  std::unique_ptr<Watch> Begin(const pb::WatchReferralsRequest& request = {}) {
    auto watch = std::make_unique<Watch>(*referrals_, Coordinator(), request);
    const auto first = watch->Next();
    EXPECT_TRUE(first.has_value() && first->changes().empty());
    return watch;
  }
  static pb::WatchReferralsRequest From(const std::string& token) {
    pb::WatchReferralsRequest request;
    request.set_resume_token(token);
    return request;
  }
  absl::Status Refused(const pb::WatchReferralsRequest& request, const Identity& identity) {
    Watch watch(*referrals_, identity, request);
    EXPECT_FALSE(watch.Next().has_value());
    return watch.Finish();
  }

  const ids::LandlordId landlord_id_{*ids::Uuid::Parse(landlord_)};
  ChangePlace Horizon() {
    return *async::SyncWait(database_->Read(
        db::Within(absl::Seconds(5), {landlord_id_}),
        [](db::ReadTx& tx) -> absl::StatusOr<ChangePlace> { return ReadHorizon(tx); }));
  }
  ChangePage After(const ChangePlace& place, int limit = 100) {
    return (*async::SyncWait(
        database_->Read(db::Within(absl::Seconds(5), {landlord_id_}),
                        [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<ChangePage>> {
                          return ReadChanges(tx, {{landlord_id_, place}}, limit);
                        })))[0];
  }
  // The same when it has so many: transactions of other tests on the server hold it up for a
  // moment.
  ChangePage Await(const ChangePlace& place, size_t count) {
    EXPECT_TRUE(WaitUntil([&] { return After(place).changes.size() >= count; }));
    return After(place);
  }
  // A referral whose creation lies before what is told from now on: it is told of once the older
  // transactions of other tests have ended.
  std::string CreateBefore() {
    const ChangePlace start = Horizon();
    const std::string referral = CreateOne();
    Await(start, 1);
    return referral;
  }
  static std::vector<std::string> VersionsIn(const ChangePage& page) {
    std::vector<std::string> versions;
    for (const ReferralChange& change : page.changes) {
      versions.push_back(absl::StrCat(change.place.referral.ToString(), " ", change.place.version));
    }
    return versions;
  }
  // What a replica does, to commit when the test says so.
  void Raise(pqxx::work& work, const std::string& referral) const {
    work.exec(absl::StrCat(
        "WITH raised AS (UPDATE referrals SET version = version + 1 WHERE referral_id = '",
        referral, "' RETURNING landlord_id, referral_id, version, state, open_fence)",
        "INSERT INTO referral_events (landlord_id, referral_id, version, state, actor, "
        "open_fence, ",
        "event_time) SELECT landlord_id, referral_id, version, state, 2, open_fence, now() ",
        "FROM raised"));
  }
  std::unique_ptr<pqxx::connection> Replica() const {
    auto connection =
        std::make_unique<pqxx::connection>(testing::TestConnection(test_database_.name()));
    pqxx::nontransaction(*connection)
        .exec(absl::StrCat("SET veille.landlords = '{", landlord_, "}'"));
    return connection;
  }
};

TEST_F(WatchReferralsTest, TellsEachChangeInOrder) {
  const auto watch = Begin();
  const std::string partner = Register("CCAS");
  const std::string referral = CreateOne();
  auto changes = watch->Take(1);
  EXPECT_EQ(changes[0].referral_id(), referral);
  EXPECT_EQ(changes[0].campaign_id(), campaign_);
  EXPECT_EQ(changes[0].partner_id(), partner);
  EXPECT_EQ(changes[0].assignment_fence(), 1);
  EXPECT_EQ(changes[0].urgency(), common_pb::URGENCY_ROUTINE);
  EXPECT_EQ(changes[0].change_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(Short(changes[0]), "1 1");
  ASSERT_THAT(Accept(partner, referral), IsOk());
  ASSERT_THAT(Start(partner, referral), IsOk());
  ASSERT_THAT(Close(partner, referral), IsOk());
  changes = watch->Take(3);
  EXPECT_EQ(Short(changes[0]), "2 3");
  EXPECT_EQ(Short(changes[1]), "3 4");
  EXPECT_EQ(Short(changes[2]), "4 5");
  EXPECT_EQ(changes[2].partner_id(), "");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'WatchReferrals'"), "1");
}

TEST_F(WatchReferralsTest, GoesOnWhereItStopped) {
  Register("CCAS");
  const std::string token = Begin()->token();
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) made.push_back(CreateOne());
  std::vector<std::string> told;
  Watch resumed(*referrals_, Coordinator(), From(token));
  for (const auto& change : resumed.Take(7)) told.push_back(change.referral_id());
  EXPECT_EQ(told, made);
  const std::string next = CreateOne();
  Watch again(*referrals_, Coordinator(), From(resumed.token()));
  EXPECT_EQ(again.Take(1)[0].referral_id(), next);
}

TEST_F(WatchReferralsTest, FiltersByCampaignAndState) {
  const std::string partner = Register("CCAS");
  pb::WatchReferralsRequest request;
  request.set_campaign_id(campaign_);
  request.add_states(common_pb::REFERRAL_STATE_ACCEPTED);
  const auto watch = Begin(request);
  const std::string other = CreateOne([](auto& creation) { creation.set_campaign_id(NewId()); });
  const std::string referral = CreateOne();
  ASSERT_THAT(Accept(partner, other), IsOk());
  ASSERT_THAT(Accept(partner, referral), IsOk());
  const auto changes = watch->Take(1);
  EXPECT_EQ(changes[0].referral_id(), referral);
  EXPECT_EQ(Short(changes[0]), "2 3");
}

TEST_F(WatchReferralsTest, IsOfItsOwnLandlord) {
  Watch watch(*referrals_, OfOtherLandlord(Coordinator()), {});
  ASSERT_TRUE(watch.Next().has_value());
  CreateOne();
  auto creation = Creation();
  const auto created = Call(referrals_, &pb::ReferralService::Stub::CreateReferral, creation,
                            OfOtherLandlord(CallTracking()));
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(watch.Take(1)[0].referral_id(), created->referral_id());
}

// A transaction that began first may be committed last: nothing may appear behind what was read.
TEST_F(WatchReferralsTest, WhatIsCommittedLateIsNotMissed) {
  Register("CCAS");
  const std::string slow = CreateBefore();
  const auto watch = Begin();
  const ChangePlace start = Horizon();
  const auto replica = Replica();
  pqxx::work work(*replica);
  Raise(work, slow);
  const std::string fast = CreateOne();
  const ChangePage meanwhile = After(start);
  EXPECT_THAT(VersionsIn(meanwhile), IsEmpty());
  work.commit();
  EXPECT_THAT(VersionsIn(Await(meanwhile.end, 2)), ElementsAre(slow + " 2", fast + " 1"));
  const auto told = watch->Take(2);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].referral_id(), slow);
  EXPECT_EQ(told[1].referral_id(), fast);
}

// It began first, waited for the referral, and changed it last.
TEST_F(WatchReferralsTest, VersionsOfOneReferralKeepTheirOrder) {
  const std::string partner = Register("CCAS");
  const std::string referral = CreateBefore();
  const ChangePlace start = Horizon();
  const auto replica = Replica();
  pqxx::work work(*replica);
  work.exec("SELECT pg_current_xact_id()");
  ASSERT_THAT(Accept(partner, referral), IsOk());
  Raise(work, referral);
  work.commit();
  EXPECT_THAT(VersionsIn(Await(start, 2)), ElementsAre(referral + " 2", referral + " 3"));
  const ChangePage first = After(start, 1);
  EXPECT_THAT(VersionsIn(first), ElementsAre(referral + " 2"));
  EXPECT_THAT(VersionsIn(After(first.end, 1)), ElementsAre(referral + " 3"));
}

// Pages that are full, many watchers, several writers: each watcher gets each change, in order.
TEST_F(WatchReferralsTest, ManyWatchersMissNothing) {
  Register("CCAS");
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 12; ++i) watches.push_back(Begin());
  constexpr size_t kWriters = 4;
  constexpr size_t kEach = 60;
  const std::string late_token = watches[0]->token();
  std::vector<std::thread> writers;
  for (size_t i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      for (size_t n = 0; n < kEach; ++n) CreateOne();
    });
  }
  for (std::thread& writer : writers) writer.join();
  watches.push_back(std::make_unique<Watch>(*referrals_, Coordinator(), From(late_token)));
  for (const auto& watch : watches) {
    std::set<std::string> seen;
    for (const pb::ReferralChange& change : watch->Take(kWriters * kEach)) {
      EXPECT_EQ(change.version(), 1);
      seen.insert(change.referral_id());
    }
    EXPECT_THAT(seen, SizeIs(kWriters * kEach));
  }
}

// While nothing changes the database is asked once for all watchers, not by each.
TEST_F(WatchReferralsTest, WatchersShareOneLook) {
  ChangeFeed feed(*database_,
                  {.interval = absl::Milliseconds(5), .shortest_pause = absl::Milliseconds(5)});
  std::vector<std::unique_ptr<ChangeFeed::Follower>> followers;
  const ChangePlace start = Horizon();
  for (int i = 0; i < 50; ++i) {
    followers.push_back(std::make_unique<ChangeFeed::Follower>(feed, landlord_id_, start));
  }
  const std::stop_token changed = followers[7]->changed();
  Register("CCAS");
  const std::string referral = CreateOne();
  ASSERT_TRUE(WaitUntil([&] { return changed.stop_requested(); }));
  const ChangeFeed::Seen one = followers[7]->After(start);
  const ChangeFeed::Seen other = followers[49]->After(start);
  ASSERT_TRUE(one.is_known);
  EXPECT_EQ(one.page, other.page);
  EXPECT_THAT(VersionsIn(*one.page), ElementsAre(referral + " 1"));
  EXPECT_EQ(followers[7]->After(one.end).page, nullptr);
  EXPECT_FALSE(followers[7]->After(ChangePlace{}).is_known);
  followers.clear();
  feed.Stop();
}

// Empty answers while nothing changes: the connection lives, and the token is young.
TEST_F(WatchReferralsTest, SaysThatItIsStillThere) {
  const auto watch = Begin();
  for (int i = 0; i < 2; ++i) {
    const auto answer = watch->Next();
    ASSERT_TRUE(answer.has_value());
    EXPECT_THAT(answer->changes(), IsEmpty());
    EXPECT_NE(answer->resume_token(), "");
  }
  CreateOne();
  EXPECT_THAT(watch->Take(1), SizeIs(1));
}

TEST_F(WatchReferralsTest, EndsAtItsDeadline) {
  grpc::ClientContext context;
  Identify(context, Coordinator());
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
  const auto reader = referrals_->WatchReferrals(&context, {});
  pb::WatchReferralsResponse response;
  while (reader->Read(&response)) continue;
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(WatchReferralsTest, EndsAtOnceWhenTheServerDrains) {
  const auto watch = Begin();
  const absl::Time before = absl::Now();
  std::thread drain([this] { Drain(); });
  while (watch->Next().has_value()) continue;
  EXPECT_THAT(watch->Finish(), ReasonIs(common_pb::ERROR_REASON_DRAINING));
  drain.join();
  EXPECT_LT(absl::Now() - before, absl::Seconds(4));  // not its timeout, after which calls are cut
}

TEST_F(WatchReferralsTest, TellsAllThatIsWrongAtOnce) {
  pb::WatchReferralsRequest request;
  for (const char* token : {"?", "1.2", "1.?.2", "-1.00000000-0000-4000-8000-000000000001.1",
                            "1.00000000-0000-4000-8000-000000000001.x"}) {
    request.set_resume_token(token);
    EXPECT_THAT(Refused(request, Coordinator()), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS))
        << token;
  }
  EXPECT_THAT(Refused(From(std::string(201, '1')), Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(Refused({}, {"dpo", "dpo-1", landlord_}),
              ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
}

}  // namespace
}  // namespace veille::referral
