// Entries in the town hall's register: what goes with the agreement, and that all of it is sealed;
// and the deadlines of the campaign, which travel with every need that is shared.

#include <gmock/gmock.h>

#include <functional>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;
using testing::WaitUntil;

class RegisterEntriesTest : public CallTrackingFixture {
 protected:
  // A script whose question "register" means an entry in the register, a campaign with one
  // household, a volunteer, and the sheet that it leased.
  void SetUp() override {
    Run([](pb::Campaign&) {});
  }

  void Run(const std::function<void(pb::Campaign&)>& change) {
    household_ = registry_.Add();
    pb::PublishScriptRequest publication;
    publication.set_request_id(NewId());
    *publication.mutable_script() = SampleScript();
    pb::Script& script = *publication.mutable_script();
    script.mutable_rules(1)->mutable_need()->set_need(common_pb::NEED_MUNICIPAL_REGISTER);
    const auto published =
        Call(scripts_, &pb::ScriptService::Stub::PublishScript, publication, Coordinator());
    ASSERT_THAT(published, IsOk());
    pb::CreateCampaignRequest creation = Creation(published->script().script_id());
    change(*creation.mutable_campaign());
    const auto created =
        Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, creation, Coordinator());
    ASSERT_THAT(created, IsOk());
    ASSERT_THAT(Open(created->campaign().campaign_id()), IsOk());
    Enrol();
    sheet_ = MustLease(created->campaign().campaign_id());
  }

  // The subject's answer means an entry in the register; it agreed, and did not object an hour ago.
  pb::RecordCallRequest Asking() {
    pb::RecordCallRequest record = Saying(sheet_, "meals");
    pb::Agreement& agreement =
        Agree(record, household_.subjects[0], common_pb::NEED_MUNICIPAL_REGISTER);
    common_pb::MunicipalRegisterEntry& entry = *agreement.mutable_register_entry();
    entry.set_ground(common_pb::REGISTER_GROUND_DISABLED_AT_HOME);
    *entry.mutable_non_objection_time() = rpc::ToProto(clock_.Now() - absl::Hours(1));
    return record;
  }
  std::vector<std::string> Refused(const pb::RecordCallRequest& record) {
    return FieldsOf(Send(record).status());
  }
  referral_pb::CreateReferralRequest Told() {
    EXPECT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
    const auto requests = referral_.requests();
    return requests.empty() ? referral_pb::CreateReferralRequest() : requests[0];
  }

  RegisteredHousehold household_;
  pb::CallSheet sheet_;
};

TEST_F(RegisterEntriesTest, AnAgreedEntryGoesWithItsGroundAndTheTimeOfNoObjection) {
  const pb::RecordCallRequest record = Asking();
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  ASSERT_EQ(recorded->findings_size(), 1);
  EXPECT_EQ(recorded->findings(0).need(), common_pb::NEED_MUNICIPAL_REGISTER);
  EXPECT_TRUE(recorded->findings(0).shared());
  const referral_pb::CreateReferralRequest told = Told();
  EXPECT_EQ(told.need(), common_pb::NEED_MUNICIPAL_REGISTER);
  EXPECT_EQ(told.basis().agreement().register_entry().SerializeAsString(),
            record.agreements(0).register_entry().SerializeAsString());
}

TEST_F(RegisterEntriesTest, TheGroundStandsSealedWithTheAgreement) {
  ASSERT_THAT(Send(Asking()), IsOk());
  // The seal of these tests is a mark in front: what stands behind it went through the one seam.
  EXPECT_EQ(Value("SELECT get_byte(register_entry, 0) FROM agreements"), "0");
  EXPECT_THAT(Value("SELECT convert_from(substr(register_entry, 2), 'UTF8') FROM agreements"),
              StartsWith("3 "));
  EXPECT_EQ(Value("SELECT string_agg(DISTINCT data_type, ',') FROM information_schema.columns "
                  "WHERE column_name = 'register_entry'"),
            "bytea");
  EXPECT_THAT(Value("SELECT to_jsonb(findings)::text FROM findings"), Not(HasSubstr("DISABLED")));
}

TEST_F(RegisterEntriesTest, WithoutAGroundNoEntryIsAskedFor) {
  pb::RecordCallRequest record = Asking();
  record.mutable_agreements(0)->clear_register_entry();
  const auto refused = Send(record);
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("agreements[0].register_entry"));
  record.mutable_agreements(0)->mutable_register_entry();
  EXPECT_THAT(Refused(record), ElementsAre("agreements[0].register_entry.ground",
                                           "agreements[0].register_entry.non_objection_time"));
  record = Asking();
  auto& entry = *record.mutable_agreements(0)->mutable_register_entry();
  entry.set_ground(static_cast<common_pb::RegisterGround>(99));
  *entry.mutable_non_objection_time() = rpc::ToProto(clock_.Now() + absl::Hours(1));
  EXPECT_THAT(Refused(record), ElementsAre("agreements[0].register_entry.ground",
                                           "agreements[0].register_entry.non_objection_time"));
  entry.set_ground(common_pb::REGISTER_GROUND_AGE_65);
  *entry.mutable_non_objection_time() = rpc::ToProto(clock_.Now() - absl::Hours(25));
  EXPECT_THAT(Refused(record), ElementsAre("agreements[0].register_entry.non_objection_time"));
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "0");
  EXPECT_THAT(Send(Asking()), IsOk());
}

// What nobody agreed to, and what is about another need, says nothing of a disability.
TEST_F(RegisterEntriesTest, NoGroundIsTakenButForAnEntryThatWasAgreedTo) {
  pb::RecordCallRequest record = Asking();
  record.mutable_agreements(0)->set_need(common_pb::NEED_MEALS);
  EXPECT_THAT(Refused(record), ElementsAre("agreements[0].register_entry"));
  record = Asking();
  record.mutable_agreements(0)->set_agreed(false);
  EXPECT_THAT(Refused(record), ElementsAre("agreements[0].register_entry"));
  record.mutable_agreements(0)->clear_register_entry();
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->findings(0).shared());
  EXPECT_EQ(Value("SELECT count(register_entry) FROM agreements"), "0");
}

class SharedDeadlinesTest : public RegisterEntriesTest {
 protected:
  void SetUp() override {}
  pb::RecordCallRequest AskingForSafety() {
    pb::RecordCallRequest record = Saying(sheet_, "danger");
    Agree(record, household_.subjects[0], common_pb::NEED_SAFETY);
    return record;
  }
};

TEST_F(SharedDeadlinesTest, ThoseOfTheCampaignTravelWithEachNeed) {
  Run([](pb::Campaign& campaign) {
    campaign.mutable_acknowledge_deadlines()->mutable_emergency()->set_seconds(300);
    campaign.mutable_acknowledge_deadlines()->mutable_priority()->set_seconds(7200);
  });
  ASSERT_THAT(Send(AskingForSafety()), IsOk());
  const auto deadlines = Told().acknowledge_deadlines();
  EXPECT_EQ(deadlines.emergency().seconds(), 300);
  EXPECT_EQ(deadlines.priority().seconds(), 7200);
  EXPECT_EQ(deadlines.routine_working_days(), 2);
}

TEST_F(SharedDeadlinesTest, ACampaignWithoutAnyTellsNone) {
  Run([](pb::Campaign&) {});
  ASSERT_THAT(Send(AskingForSafety()), IsOk());
  EXPECT_FALSE(Told().has_acknowledge_deadlines());
}

}  // namespace
}  // namespace veille::call_tracking
