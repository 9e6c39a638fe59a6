#include "common/db/request_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/sync_wait.h"
#include "common/db/database.h"
#include "migrations/common.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"

namespace veille::db {
namespace {

using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::TestDatabase;

class RequestLedgerTest : public ::testing::Test {
 protected:
  async::Task<absl::StatusOr<TakenRequest>> TakeLater(std::string method, ids::Uuid object,
                                                      bool same_object = false,
                                                      bool rolled_back = false) {
    return database_->Write(Within(absl::Seconds(10), {landlord_}),
                            [=, this](WriteTx& tx) -> absl::StatusOr<TakenRequest> {
                              auto taken =
                                  TakeRequest(tx, landlord_, request_, method, object, same_object);
                              if (rolled_back) return absl::AbortedError("rolled back");
                              return taken;
                            });
  }
  absl::StatusOr<TakenRequest> Take(std::string method, ids::Uuid object, bool same_object = false,
                                    bool rolled_back = false) {
    return async::SyncWait(TakeLater(std::move(method), object, same_object, rolled_back));
  }

  TestDatabase test_database_{migrations::common()};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.options(8));
  ids::LandlordId landlord_ = ids::LandlordId::Random();
  ids::RequestId request_ = ids::RequestId::Random();
  const ids::Uuid object_ = ids::Uuid::Random();
};

TEST_F(RequestLedgerTest, TheSameIdAgainGivesTheFirstObject) {
  const auto first = Take("EnrolVolunteer", object_);
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->repeated);
  EXPECT_EQ(first->object_id, object_);
  const auto second = Take("EnrolVolunteer", ids::Uuid::Random());
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(second->object_id, object_);
}

TEST_F(RequestLedgerTest, TheSameIdForSomethingElseIsRefused) {
  ASSERT_THAT(Take("EnrolVolunteer", object_), IsOk());
  EXPECT_THAT(Take("RegisterPartner", object_),
              ReasonIs(common::v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(Take("EnrolVolunteer", ids::Uuid::Random(), /*same_object=*/true),
              ReasonIs(common::v1::ERROR_REASON_REQUEST_ID_REUSED));
  const auto again = Take("EnrolVolunteer", object_, /*same_object=*/true);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->repeated);
}

TEST_F(RequestLedgerTest, AnotherLandlordHasIdsOfItsOwn) {
  ASSERT_THAT(Take("EnrolVolunteer", object_), IsOk());
  landlord_ = ids::LandlordId::Random();
  const auto other = Take("RegisterPartner", ids::Uuid::Random());
  ASSERT_THAT(other, IsOk());
  EXPECT_FALSE(other->repeated);
}

TEST_F(RequestLedgerTest, ARolledBackUseIsNone) {
  EXPECT_FALSE(Take("EnrolVolunteer", object_, false, /*rolled_back=*/true).ok());
  const auto first = Take("EnrolVolunteer", object_);
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->repeated);
}

TEST_F(RequestLedgerTest, OfManyAtOnceOneIsFirstAndAllSeeItsObject) {
  for (int round = 0; round < 25; ++round) {
    request_ = ids::RequestId::Random();
    std::vector<async::Task<absl::StatusOr<TakenRequest>>> tasks;
    for (int i = 0; i < 8; ++i) tasks.push_back(TakeLater("EnrolVolunteer", ids::Uuid::Random()));
    const auto results = async::SyncWaitAll(std::move(tasks));
    int first = 0;
    for (const auto& result : results) {
      ASSERT_THAT(result, IsOk());
      first += result->repeated ? 0 : 1;
      EXPECT_EQ(result->object_id, results[0]->object_id);
    }
    EXPECT_EQ(first, 1);
  }
}

}  // namespace
}  // namespace veille::db
