// Who saw what: the list of audit events, and who may see it.

#include <set>

#include "absl/strings/str_cat.h"
#include "common/rpc/fields.h"
#include "integration/audit_fixture.h"

namespace veille::audit {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;

class AuditListTest : public AuditFixture {
 protected:
  std::vector<std::string> ActorsOf(const pb::ListAuditEventsRequest& request) {
    const auto listed = List(landlord_, request);
    EXPECT_THAT(listed, IsOk());
    std::vector<std::string> actors;
    if (!listed.ok()) return actors;
    for (const pb::AuditEvent& event : listed->events()) actors.push_back(event.actor());
    return actors;
  }
  void AppendDenied() {
    const absl::Status appended = async::SyncWait(
        database_->Write(db::Within(absl::Seconds(10)), [&](db::WriteTx& tx) -> absl::Status {
          AppendDenials(tx, options_.service, denials_.Take());
          return absl::OkStatus();
        }));
    EXPECT_THAT(appended, IsOk());
  }
  static pb::ListAuditEventsRequest OfObject(const ids::Uuid& object) {
    pb::ListAuditEventsRequest request;
    request.set_object_id(object.ToString());
    return request;
  }
};

TEST_F(AuditListTest, AnEventIsShownAsItWasLeftBeforeAndAfterItIsChained) {
  const ids::Uuid referral = ids::Uuid::Random();
  const ids::HouseholdId household = ids::HouseholdId::Random();
  Leave(landlord_, {.object = referral,
                    .actor = "ada",
                    .method = "GetReferral",
                    .reason = "tenant in danger",
                    .household = household});
  pb::AuditEvent waiting;
  for (const bool is_chained : {false, true}) {
    if (is_chained) Chain();
    const auto listed = List(landlord_, OfObject(referral));
    ASSERT_THAT(listed, IsOk());
    // The looks at the trail are about the same object, and newer.
    pb::AuditEvent event = *listed->events().rbegin();
    EXPECT_EQ(event.actor_role(), "coordinator");
    EXPECT_EQ(event.actor(), "ada");
    EXPECT_EQ(event.method(), "GetReferral");
    EXPECT_EQ(event.object_kind(), "household");
    EXPECT_EQ(event.object_id(), referral.ToString());
    EXPECT_EQ(event.household_id(), household.ToString());
    EXPECT_EQ(event.purpose(), "welfare call");
    EXPECT_EQ(event.reason(), "tenant in danger");
    EXPECT_EQ(event.outcome(), "done");
    EXPECT_EQ(event.sequence(), is_chained ? 1 : 0);
    event.clear_sequence();
    if (!is_chained) waiting = event;
    EXPECT_EQ(event.SerializeAsString(), waiting.SerializeAsString());
  }
}

TEST_F(AuditListTest, WhoSawAHouseholdIsFoundByItAndByWhatIsOfIt) {
  const ids::HouseholdId household = ids::HouseholdId::Random();
  Leave(landlord_, {.object = household.uuid(), .actor = "ada"});
  Leave(landlord_, {.actor = "bob", .household = household});
  Leave(landlord_, {.actor = "eve"});
  EXPECT_THAT(ActorsOf(OfObject(household.uuid())), ElementsAre("bob", "ada"));
  Chain();
  EXPECT_THAT(ActorsOf(OfObject(household.uuid())), ElementsAre("dana", "bob", "ada"));
}

TEST_F(AuditListTest, FiltersHoldTogether) {
  const ids::Uuid object = ids::Uuid::Random();
  Leave(landlord_, {.object = object, .actor = "ada", .method = "GetHousehold"});
  Leave(landlord_, {.object = object, .actor = "ada", .method = "UpdateHousehold"});
  Leave(landlord_, {.actor = "bob", .method = "GetHousehold", .reason = "tenant in danger"});
  denials_.Add({landlord_, "volunteer", "eve", "GetHousehold"}, absl::Now());
  AppendDenied();
  for (int round = 0; round < 2; ++round) {
    pb::ListAuditEventsRequest request;
    request.set_method("GetHousehold");
    EXPECT_THAT(ActorsOf(request), ElementsAre("eve", "bob", "ada"));
    request.set_actor("ada");
    EXPECT_THAT(ActorsOf(request), SizeIs(1));
    request.set_object_id(object.ToString());
    EXPECT_THAT(ActorsOf(request), ElementsAre("ada"));
    request.set_actor("bob");
    EXPECT_THAT(ActorsOf(request), SizeIs(0));
    pb::ListAuditEventsRequest broken_glass;
    broken_glass.set_only_with_reason(true);
    EXPECT_THAT(ActorsOf(broken_glass), ElementsAre("bob"));
    pb::ListAuditEventsRequest denied;
    denied.set_only_denied(true);
    EXPECT_THAT(ActorsOf(denied), ElementsAre("eve"));
    Chain();
  }
}

TEST_F(AuditListTest, ATimeIsFromItsStartUntilBeforeItsEnd) {
  for (int day = 1; day <= 3; ++day) {
    Leave(landlord_, {.actor = absl::StrCat("day", day)});
    Sql(absl::StrCat("UPDATE audit_events SET event_time = '2020-03-0", day,
                     "T00:00:00Z' WHERE actor = 'day", day, "'"));
  }
  Chain();
  pb::ListAuditEventsRequest request;
  const absl::Time first = absl::FromCivil(absl::CivilDay(2020, 3, 1), absl::UTCTimeZone());
  *request.mutable_start_time() = rpc::ToProto(first);
  *request.mutable_end_time() = rpc::ToProto(first + absl::Hours(48));
  EXPECT_THAT(ActorsOf(request), ElementsAre("day2", "day1"));
}

TEST_F(AuditListTest, PagesGoOnWhereTheyEndedThoughEventsAreChainedBetweenThem) {
  Leave(landlord_, 25);
  pb::ListAuditEventsRequest request;
  request.set_method("GetHousehold");
  request.set_page_size(10);
  std::set<std::string> seen;
  std::vector<int> sizes;
  do {
    const auto page = List(landlord_, request);
    ASSERT_THAT(page, IsOk());
    sizes.push_back(page->events_size());
    for (const pb::AuditEvent& event : page->events()) seen.insert(event.event_id());
    request.set_page_token(page->next_page_token());
    if (sizes.size() == 1) Chain();
  } while (!request.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
  EXPECT_THAT(seen, SizeIs(25));
}

TEST_F(AuditListTest, AnotherLandlordsEventsAreNotShownEvenByTheirObject) {
  const ids::Uuid object = ids::Uuid::Random();
  Leave(other_, {.object = object});
  Leave(landlord_, {.object = object, .actor = "own"});
  Chain();
  EXPECT_THAT(ActorsOf(OfObject(object)), ElementsAre("own"));
  pb::ListAuditEventsRequest by_actor;
  by_actor.set_actor("ada");
  EXPECT_THAT(ActorsOf(by_actor), SizeIs(0));
  // Positive control: the other's own officer sees it.
  const auto theirs = List(other_, OfObject(object));
  ASSERT_THAT(theirs, IsOk());
  EXPECT_THAT(theirs->events(), SizeIs(1));
}

TEST_F(AuditListTest, OnlyTheDataProtectionOfficerMayLook) {
  const auto denied = ReasonIs(common::v1::ERROR_REASON_ACCESS_DENIED);
  using Stub = pb::AuditService::Stub;
  for (const std::string role : {"volunteer", "coordinator", "operator", "partner", "service"}) {
    EXPECT_THAT(Call(&Stub::ListAuditEvents, {}, landlord_, role), denied) << role;
    EXPECT_THAT(Call(&Stub::VerifyAuditTrail, {}, landlord_, role), denied) << role;
    EXPECT_THAT(Call(&Stub::GetAuditHead, {}, landlord_, role), denied) << role;
  }
  EXPECT_THAT(Call(&Stub::ListAuditEvents, {}, landlord_), IsOk());
  EXPECT_THAT(Call(&Stub::VerifyAuditTrail, {}, landlord_), IsOk());
  EXPECT_THAT(Call(&Stub::GetAuditHead, {}, landlord_), IsOk());
}

TEST_F(AuditListTest, EachLookAtTheTrailLeavesAnEvent) {
  const ids::Uuid household = ids::Uuid::Random();
  ASSERT_THAT(List(landlord_, OfObject(household)), IsOk());
  Verify(landlord_);
  HeadOf(landlord_);
  EXPECT_EQ(Value("SELECT string_agg(method || ' ' || (object_id = '" + household.ToString() +
                  "') || ' ' || actor, ', ' ORDER BY method) FROM audit_events"),
            "GetAuditHead false dana, ListAuditEvents true dana, VerifyAuditTrail false dana");
}

TEST_F(AuditListTest, WhatIsWrongWithARequestIsToldAtOnce) {
  pb::ListAuditEventsRequest request;
  request.set_page_size(1001);
  request.set_page_token("1.2");
  request.set_object_id("x");
  EXPECT_THAT(List(landlord_, request), ReasonIs(common::v1::ERROR_REASON_INVALID_FIELDS));
  // Times that no event has, some of them beyond what the database can hold.
  for (const std::string time : {"-9223372036854775808", "-1", "9223372036854775807"}) {
    pb::ListAuditEventsRequest page;
    page.set_page_token(absl::StrCat(time, ".", ids::Uuid::Random().ToString()));
    EXPECT_THAT(List(landlord_, page), ReasonIs(common::v1::ERROR_REASON_INVALID_FIELDS)) << time;
  }
  for (const std::string& token : {std::string("x"), std::string("1.2.3"),
                                   "9.9." + std::string(64, 'g'), std::string("1.1.")}) {
    pb::VerifyAuditTrailRequest verification;
    verification.set_page_token(token);
    EXPECT_THAT(Call(&pb::AuditService::Stub::VerifyAuditTrail, verification, landlord_),
                ReasonIs(common::v1::ERROR_REASON_INVALID_FIELDS))
        << token;
  }
}

TEST_F(AuditListTest, AKnownHeadOfAnotherLandlordOrServiceIsRefused) {
  Leave(other_, 1);
  ASSERT_EQ(Chain(), 1);
  pb::VerifyAuditTrailRequest verification;
  *verification.add_known_heads() = HeadOf(other_);
  const auto refused = ReasonIs(common::v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(Call(&pb::AuditService::Stub::VerifyAuditTrail, verification, landlord_), refused);
  verification.mutable_known_heads(0)->set_service("referral");
  EXPECT_THAT(Call(&pb::AuditService::Stub::VerifyAuditTrail, verification, other_), refused);
  verification.mutable_known_heads(0)->set_service("call-tracking");
  EXPECT_THAT(Call(&pb::AuditService::Stub::VerifyAuditTrail, verification, other_), IsOk());
}

}  // namespace
}  // namespace veille::audit
