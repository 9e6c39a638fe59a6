// Who saw a household, and whether the trail is whole, asked through the real binaries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "e2e/command.h"
#include "e2e/story.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "testing/wait_until.h"

namespace veille::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::IsSupersetOf;
using ::testing::Not;

class AuditTest : public ::testing::Test {
 protected:
  void Tell() {
    for (const Story::Step& step : Story::Steps()) {
      ASSERT_THAT(Insist(story_, step), IsOk()) << step.name;
    }
  }
  Result Ask(const Arguments& arguments) {
    return Veillectl(programme_, story_.landlord_id, arguments);
  }
  json AskJson(Arguments arguments) {
    arguments.emplace_back("--json");
    const Result result = Ask(arguments);
    EXPECT_EQ(result.code, 0) << result.output;
    return result.code == 0 ? json::parse(result.output) : json();
  }
  std::string household() const { return story_.sheet.lease().household_id(); }
  // Until nothing of what has happened so far waits.
  void AwaitChained() {
    for (const Service service : kServices) {
      ASSERT_TRUE(testing::WaitUntil([&] {
        return programme_.database(service).Value(
                   "SELECT count(*) FROM audit_events WHERE NOT is_chained") == "0";
      })) << NameOf(service);
    }
  }
  void Sql(Service service, const std::string& statement) {
    programme_.database(service).Query(statement);
  }

  Programme programme_;
  Story story_{programme_};
  testing::TemporaryFolder folder_;
};

TEST_F(AuditTest, WhoSawAHouseholdIsToldByAllThreeServices) {
  Tell();
  const json seen = AskJson({"audit", "who-saw", household()});
  std::set<std::string> looks;
  absl::Time last = absl::InfiniteFuture();
  for (const json& event : seen["events"]) {
    looks.insert(absl::StrCat(event["service"].get<std::string>(), " ",
                              event["actor_role"].get<std::string>(), " ",
                              event["method"].get<std::string>()));
    absl::Time time;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, event["event_time"].get<std::string>(), &time,
                                nullptr));
    EXPECT_LE(time, last) << "newest first";
    last = time;
  }
  EXPECT_THAT(looks, IsSupersetOf({std::string("tenant-registry service BatchGetContactSheets"),
                                   std::string("call-tracking volunteer LeaseNextCall"),
                                   std::string("call-tracking volunteer RecordCall"),
                                   std::string("call-tracking service RecordReferralUpdate"),
                                   std::string("referral service CreateReferral"),
                                   std::string("referral partner GetMyReferral"),
                                   std::string("referral partner AcceptReferral"),
                                   std::string("referral partner CloseReferral")}));
  const Result table = Ask({"audit", "who-saw", household()});
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.output,
              AllOf(HasSubstr("welfare call"), HasSubstr("RecordCall"), HasSubstr("referral"),
                    Not(HasSubstr(story_.subject().family_name()))));
  EXPECT_EQ(AskJson({"audit", "who-saw", household(), "--limit", "2"})["events"].size(), 2u);
  EXPECT_EQ(AskJson({"audit", "who-saw", household(), "--since", "2199-01-01"})["events"].size(),
            0u);
  // The looks at the trail stand in it.
  const json again = AskJson({"audit", "who-saw", household()});
  EXPECT_GT(again["events"].size(), seen["events"].size());
  EXPECT_EQ(again["events"][0]["method"], "ListAuditEvents");
}

TEST_F(AuditTest, ListsShowWhomTheyShowed) {
  Tell();
  ASSERT_EQ(Ask({"referral", "list"}).code, 0);
  const json seen = AskJson({"audit", "who-saw", household()});
  std::set<std::string> methods;
  for (const json& event : seen["events"]) methods.insert(event["method"]);
  EXPECT_THAT(methods, Contains("ListReferrals"));
}

TEST_F(AuditTest, VerifiesAndFindsWhatTheOwnerOfADatabaseDid) {
  Tell();
  AwaitChained();
  const Result whole = Ask({"audit", "verify"});
  EXPECT_EQ(whole.code, 0) << whole.output;
  EXPECT_THAT(whole.output, AllOf(HasSubstr("tenant-registry: "), HasSubstr("call-tracking: "),
                                  HasSubstr("referral: "), Not(HasSubstr("WRONG"))));
  const Result exported = Ask({"audit", "export"});
  EXPECT_EQ(exported.code, 0) << exported.output;
  EXPECT_EQ(json::parse(exported.output)["heads"].size(), 3u);
  const std::string kept = folder_.Write("heads.json", exported.output);
  EXPECT_EQ(Ask({"audit", "verify", "--against", kept}).code, 0);

  Sql(Service::kCalls, "CREATE TABLE kept AS SELECT * FROM audit_events WHERE is_chained");
  Sql(Service::kCalls,
      "UPDATE audit_events SET actor = 'somebody-else' WHERE is_chained AND method = 'RecordCall'");
  const Result changed = Ask({"audit", "verify", "--against", kept});
  EXPECT_EQ(changed.code, 1);
  EXPECT_THAT(changed.output, AllOf(HasSubstr("WRONG: event-changed"), HasSubstr("refused")));
  Sql(Service::kCalls,
      "UPDATE audit_events AS e SET actor = k.actor FROM kept AS k WHERE e.is_chained AND "
      "e.landlord_id = k.landlord_id AND e.sequence = k.sequence");
  EXPECT_EQ(Ask({"audit", "verify", "--against", kept}).code, 0);

  // The whole trail is cut off: without the head that was kept nothing shows.
  Sql(Service::kReferral, "DELETE FROM audit_batches; DELETE FROM audit_events");
  EXPECT_EQ(Ask({"audit", "verify"}).code, 0);
  AwaitChained();
  const Result cut = Ask({"audit", "verify", "--against", kept});
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.output, HasSubstr("WRONG: known-head-"));
}

TEST_F(AuditTest, NobodyElseAsksAndOtherHeadsAreRefused) {
  ASSERT_THAT(story_.CreateLandlord(), IsOk());
  for (const char* role : {"coordinator", "volunteer"}) {
    const Result denied = Ask({"audit", "verify", "--as", role});
    EXPECT_EQ(denied.code, 1);
    EXPECT_THAT(denied.output, HasSubstr("ACCESS_DENIED"));
  }
  AwaitChained();
  const Result exported = Ask({"audit", "export"});
  ASSERT_EQ(exported.code, 0) << exported.output;
  json heads = json::parse(exported.output);
  ASSERT_GT(heads["heads"].size(), 0u);
  heads["heads"][0]["landlord_id"] = ids::Uuid::Random().ToString();
  const Result other =
      Ask({"audit", "verify", "--against", folder_.Write("heads.json", heads.dump())});
  EXPECT_EQ(other.code, 2) << other.output;
  EXPECT_EQ(Ask({"audit", "verify", "--against", "/nowhere"}).code, 2);
}

// Killed while it chains, again and again, a service goes on with the same chain.
TEST_F(AuditTest, KillsForkNothingAndLoseNoEvent) {
  Tell();
  const std::string events = absl::StrCat(
      "INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, ",
      "object_id, purpose, outcome) SELECT '", story_.landlord_id,
      "', 'volunteer', 'ada', 'Look', 'household', gen_random_uuid(), 'welfare call', ",
      "'done' FROM generate_series(1, 20000)");
  for (int round = 0; round < 3; ++round) {
    Sql(Service::kCalls, events);
    ASSERT_TRUE(testing::WaitUntil([&] {  // it is at it
      return programme_.database(Service::kCalls)
                 .Value("SELECT count(*) FROM audit_events WHERE method = 'Look' AND is_chained") !=
             absl::StrCat(round * 20000);
    }));
    programme_.Kill(Service::kCalls);
    programme_.Restart(Service::kCalls);
  }
  AwaitChained();
  EXPECT_EQ(programme_.database(Service::kCalls)
                .Value("SELECT count(*) FROM audit_events WHERE method = 'Look'"),
            "60000");
  const Result verified = Ask({"audit", "verify"});
  EXPECT_EQ(verified.code, 0) << verified.output;
}

}  // namespace
}  // namespace veille::e2e
