// Batches of calls, put together by hand: one bad item harms nobody else.

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "call_tracking/batches/calls.h"
#include "call_tracking/batches/pinned_campaigns.h"
#include "call_tracking/batches/record_batch.h"
#include "common/async/sync_wait.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using testing::IsOk;

constexpr int kCallers = 60;

class CallBatchesTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    for (int i = 0; i < kCallers; ++i) registry_.Add();
    campaign_ = *ids::CampaignId::Parse(RunCampaign());
    landlord_id_ = *ids::LandlordId::Parse(landlord_);
    test_database_.Query(absl::StrCat(
        "INSERT INTO volunteers (landlord_id, volunteer_id, subject, display_name, languages, "
        "create_time) SELECT '",
        landlord_,
        "', gen_random_uuid(), 'many-' || i, 'Many', '{fr}', now() FROM "
        "generate_series(0, ",
        kCallers - 1, ") AS i"));
    pinned_ = *async::SyncWait(campaigns_kept_.Get(landlord_id_, campaign_, Soon()));
  }
  ~CallBatchesTest() override { calls_kept_.Close(); }

  db::Limits Soon() const { return db::Within(absl::Seconds(20), {landlord_id_}); }

  LeaseAsk Ask(int i) const {
    return {landlord_id_,           campaign_,   absl::StrCat("many-", i), ids::RequestId::Random(),
            ids::LeaseId::Random(), clock_.Now()};
  }
  std::vector<absl::StatusOr<LeasedCall>> LeaseAll() {
    std::vector<async::Task<absl::StatusOr<LeasedCall>>> tasks;
    for (int i = 0; i < kCallers; ++i) tasks.push_back(calls_kept_.Lease(Ask(i), Soon(), Soon()));
    return async::SyncWaitAll(std::move(tasks));
  }
  RecordAsk Completed(int i, const call_tracking::Lease& lease) const {
    RecordAsk ask;
    ask.landlord = landlord_id_;
    ask.subject = absl::StrCat("many-", i);
    ask.call.request = ids::RequestId::Random();
    ask.call.campaign = campaign_;
    ask.call.lease = lease.id;
    ask.call.fence = lease.fence;
    ask.campaign = pinned_;
    ask.attempt = ids::AttemptId::Random();
    ask.now = clock_.Now();
    return ask;
  }

  std::vector<RecordAnswer> RecordTogether(const std::vector<const RecordAsk*>& asks) {
    auto answers = async::SyncWait(
        database_->Write(Soon(), [&](db::WriteTx& tx) { return RecordBatch(tx, seal_, asks); }));
    EXPECT_THAT(answers, IsOk());
    return answers.ok() ? *std::move(answers) : std::vector<RecordAnswer>();
  }

  ids::CampaignId campaign_;
  ids::LandlordId landlord_id_;
  std::shared_ptr<const PinnedCampaign> pinned_;
  PinnedCampaigns campaigns_kept_{*database_};
  Calls calls_kept_{*database_,
                    seal_,
                    /*sheets=*/nullptr,
                    {.batches_in_flight = 1}};  // the rest gathers in one batch
};

TEST_F(CallBatchesTest, EachCallerGetsAHouseholdOfItsOwn) {
  const auto answers = LeaseAll();
  std::set<ids::HouseholdId> households;
  for (const auto& answer : answers) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->verdict, LeaseVerdict::kGranted);
    households.insert(answer->lease.household);
  }
  EXPECT_EQ(households.size(), kCallers);
}

TEST_F(CallBatchesTest, RefusalsStandBesideGrants) {
  std::vector<async::Task<absl::StatusOr<LeasedCall>>> tasks;
  for (int i = 0; i < 20; ++i) {
    LeaseAsk ask = Ask(i);
    if (i % 4 == 1) ask.campaign = ids::CampaignId::Random();
    if (i % 4 == 2) ask.subject = "nobody";
    if (i % 4 == 3) ask.landlord = ids::LandlordId::Random();
    tasks.push_back(calls_kept_.Lease(ask, Soon(), Soon()));
  }
  const auto answers = async::SyncWaitAll(std::move(tasks));
  const LeaseVerdict expected[] = {LeaseVerdict::kGranted, LeaseVerdict::kCampaignNotFound,
                                   LeaseVerdict::kNotEnrolled, LeaseVerdict::kCampaignNotFound};
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_THAT(answers[i], IsOk());
    EXPECT_EQ(answers[i]->verdict, expected[i % 4]) << i;
  }
}

TEST_F(CallBatchesTest, APoisonedItemFailsAlone) {
  const auto leases = LeaseAll();
  std::vector<async::Task<absl::StatusOr<RecordAnswer>>> tasks;
  for (int i = 0; i < kCallers; ++i) {
    RecordAsk ask = Completed(i, leases[i]->lease);
    // A NUL byte: text that PostgreSQL refuses, which undoes the whole batch.
    if (i == kCallers / 2) {
      ask.answers = {{ids::TenantId::Random(), std::string("a\0b", 3), true}};
    }
    tasks.push_back(calls_kept_.Record(std::move(ask), Soon()));
  }
  const auto answers = async::SyncWaitAll(std::move(tasks));
  for (int i = 0; i < kCallers; ++i) {
    if (i == kCallers / 2) {
      EXPECT_FALSE(answers[i].ok());
    } else {
      ASSERT_THAT(answers[i], IsOk()) << i;
      EXPECT_EQ(answers[i]->verdict, RecordVerdict::kRecorded);
    }
  }
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), std::to_string(kCallers - 1));
  EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'LIVE'"), "1");
  EXPECT_EQ(Value("SELECT sum(amount) FROM campaign_figures WHERE figure = 'attempts'"),
            std::to_string(kCallers - 1));
}

TEST_F(CallBatchesTest, OneRequestIdInOneBatchIsTakenOnce) {
  const auto leases = LeaseAll();
  const ids::RequestId request = ids::RequestId::Random();
  std::vector<async::Task<absl::StatusOr<RecordAnswer>>> tasks;
  for (int i = 0; i < kCallers; ++i) {
    RecordAsk ask = Completed(i, leases[i]->lease);
    if (i >= kCallers - 2) ask.call.request = request;
    tasks.push_back(calls_kept_.Record(std::move(ask), Soon()));
  }
  const auto answers = async::SyncWaitAll(std::move(tasks));
  EXPECT_EQ(answers[kCallers - 2]->verdict, RecordVerdict::kRecorded);
  EXPECT_EQ(answers[kCallers - 1]->verdict, RecordVerdict::kRequestReused);
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), std::to_string(kCallers - 1));
}

TEST_F(CallBatchesTest, TwoLeasesOfOneHouseholdThatBothRanOut) {
  const LeasedCall first = *async::SyncWait(calls_kept_.Lease(Ask(0), Soon(), Soon()));
  test_database_.Query(absl::StrCat("DELETE FROM call_queue WHERE household_id <> '",
                                    first.lease.household.ToString(), "'"));
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  const LeasedCall second = *async::SyncWait(calls_kept_.Lease(Ask(1), Soon(), Soon()));
  ASSERT_EQ(second.verdict, LeaseVerdict::kGranted);
  ASSERT_EQ(second.lease.household, first.lease.household);
  test_database_.MoveClock(absl::Minutes(32));
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));

  std::vector<async::Task<absl::StatusOr<RecordAnswer>>> tasks;
  tasks.push_back(calls_kept_.Record(Completed(0, first.lease), Soon()));
  tasks.push_back(calls_kept_.Record(Completed(1, second.lease), Soon()));
  const auto answers = async::SyncWaitAll(std::move(tasks));
  EXPECT_EQ(answers[0]->verdict, RecordVerdict::kRecorded);
  EXPECT_EQ(answers[1]->verdict, RecordVerdict::kLate);
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM late_records"), "1");
}

// The same, put into one batch for sure: the late one comes on top of what the first leaves.
TEST_F(CallBatchesTest, ALateRecordInTheBatchOfTheFirst) {
  const LeasedCall first = *async::SyncWait(calls_kept_.Lease(Ask(0), Soon(), Soon()));
  test_database_.Query(absl::StrCat("DELETE FROM call_queue WHERE household_id <> '",
                                    first.lease.household.ToString(), "'"));
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  const LeasedCall second = *async::SyncWait(calls_kept_.Lease(Ask(1), Soon(), Soon()));
  test_database_.MoveClock(absl::Minutes(32));
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  RecordAsk done = Completed(0, first.lease);
  RecordAsk late = Completed(1, second.lease);
  Finding& finding = late.findings.emplace_back();
  finding.id = ids::FindingId::Random();
  finding.tenant = ids::TenantId::Random();
  finding.need = Need::kMeals;
  finding.urgency = Urgency::kRoutine;
  finding.decision = DecisionReason::kNotAgreed;
  const auto answers = RecordTogether({&done, &late});
  ASSERT_EQ(answers.size(), 2);
  EXPECT_EQ(answers[0].verdict, RecordVerdict::kRecorded);
  EXPECT_EQ(answers[1].verdict, RecordVerdict::kLate);
  const auto again = RecordTogether({&done, &late});
  EXPECT_EQ(again[0].verdict, RecordVerdict::kRepeated);
  EXPECT_EQ(again[1].verdict, RecordVerdict::kRepeated);
  EXPECT_EQ(Value("SELECT count(*) || ' ' || max(attempts) FROM cohort_households "
                  "WHERE state = 'NEEDS_DECISION'"),
            "1 1");
}

// One household in two campaigns: both records count, each in its own campaign.
TEST_F(CallBatchesTest, AHouseholdOfTwoCampaignsInOneBatch) {
  const LeasedCall first = *async::SyncWait(calls_kept_.Lease(Ask(0), Soon(), Soon()));
  const std::string household = first.lease.household.ToString();
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(testing::WaitUntil(
      [&] { return Value("SELECT count(*) FROM leases WHERE state = 'LIVE'") == "0"; }));
  const ids::CampaignId other = *ids::CampaignId::Parse(RunCampaign());
  test_database_.Query("DELETE FROM call_queue WHERE household_id <> '" + household + "'");
  LeaseAsk ask = Ask(1);
  ask.campaign = other;
  const LeasedCall second = *async::SyncWait(calls_kept_.Lease(ask, Soon(), Soon()));
  ASSERT_EQ(second.lease.household, first.lease.household);
  const RecordAsk one = Completed(0, first.lease);
  RecordAsk two = Completed(1, second.lease);
  two.call.campaign = other;
  const auto answers = RecordTogether({&one, &two});
  for (const RecordAnswer& answer : answers) {
    EXPECT_EQ(answer.verdict, RecordVerdict::kRecorded);
    EXPECT_EQ(answer.household.state, HouseholdState::kDone);
  }
  EXPECT_EQ(Value("SELECT count(*) FROM cohort_households WHERE state = 'DONE'"), "2");
  EXPECT_EQ(Value("SELECT count(DISTINCT campaign_id) FROM attempts"), "2");
}

// Answers every ask at once and remembers it.
class AskedSheets final : public ContactSheets {
 public:
  async::Task<absl::StatusOr<ContactSheet>> Get(ContactSheetAsk ask, db::Limits) override {
    asked.push_back(ask.lease);
    ContactSheet sheet;
    sheet.household = ask.household;
    co_return sheet;
  }
  std::vector<ids::LeaseId> asked;
};

// The sheet is asked for while the lease is committed, and is of use only if that succeeds.
TEST_F(CallBatchesTest, TheSheetOfALeaseThatIsNotCommittedIsDropped) {
  AskedSheets sheets;
  Calls calls(*database_, seal_, &sheets);
  test_database_.Query(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE EXCEPTION 'not now'; END $$;"
      "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON leases DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION refuse()");
  EXPECT_FALSE(async::SyncWait(calls.Lease(Ask(0), Soon(), Soon())).ok());
  EXPECT_EQ(sheets.asked.size(), 1);
  EXPECT_EQ(Value("SELECT count(*) FROM leases"), "0");

  test_database_.Query("DROP TRIGGER refuse ON leases");
  const LeaseAsk ask = Ask(0);
  const LeasedCall granted = *async::SyncWait(calls.Lease(ask, Soon(), Soon()));
  ASSERT_EQ(granted.verdict, LeaseVerdict::kGranted);
  ASSERT_NE(granted.sheet, nullptr);
  const absl::StatusOr<ContactSheet> sheet = async::SyncWait(granted.sheet->Result());
  ASSERT_THAT(sheet, IsOk());
  EXPECT_EQ(sheet->household, granted.lease.household);
  EXPECT_EQ(sheets.asked.back(), granted.lease.id);

  // A lease that is held already is committed already.
  const LeasedCall held = *async::SyncWait(calls.Lease(ask, Soon(), Soon()));
  EXPECT_EQ(held.verdict, LeaseVerdict::kHeld);
  EXPECT_EQ(held.sheet, nullptr);
  EXPECT_EQ(sheets.asked.size(), 2);
  calls.Close();
}

}  // namespace
}  // namespace veille::call_tracking
