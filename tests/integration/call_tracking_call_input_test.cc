// Bad input to CallService: each request names all that is wrong at once, and the same request put
// right is accepted.

#include <gmock/gmock.h>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using testing::IsOk;
using ::testing::IsSupersetOf;
using testing::ReasonIs;
using ::testing::UnorderedElementsAre;

class CallInputTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    registry_.Add();
    campaign_ = RunCampaign();
    Enrol();
    const auto leased = Lease(campaign_);
    ASSERT_THAT(leased, IsOk());
    sheet_ = leased->call_sheet();
  }
  std::vector<std::string> Refused(const pb::RecordCallRequest& record) {
    const auto answer = Send(record);
    EXPECT_THAT(answer, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
    return FieldsOf(answer.status());
  }
  const std::string& Subject() const { return sheet_.contact().tenants(0).tenant_id(); }

  std::string campaign_;
  pb::CallSheet sheet_;
};

TEST_F(CallInputTest, Leases) {
  pb::LeaseNextCallRequest next;
  next.set_request_id("x");
  const auto lease = Call(calls_, &pb::CallService::Stub::LeaseNextCall, next, Volunteer());
  EXPECT_THAT(FieldsOf(lease.status()), UnorderedElementsAre("request_id", "campaign_id"));

  pb::GetCallSheetRequest get;
  get.set_lease_id(std::string(5000, 'a'));
  const auto sheet = Call(calls_, &pb::CallService::Stub::GetCallSheet, get, Volunteer());
  EXPECT_THAT(FieldsOf(sheet.status()), UnorderedElementsAre("campaign_id", "lease_id"));

  pb::RenewLeaseRequest renew;
  renew.set_fence(-1);
  const auto renewed = Call(calls_, &pb::CallService::Stub::RenewLease, renew, Volunteer());
  EXPECT_THAT(FieldsOf(renewed.status()),
              UnorderedElementsAre("request_id", "campaign_id", "lease_id", "fence"));

  const auto released =
      Call(calls_, &pb::CallService::Stub::ReleaseLease, pb::ReleaseLeaseRequest(), Volunteer());
  EXPECT_THAT(FieldsOf(released.status()),
              UnorderedElementsAre("request_id", "campaign_id", "lease_id", "fence"));

  get.set_campaign_id(campaign_);
  get.set_lease_id(sheet_.lease().lease_id());
  EXPECT_THAT(Call(calls_, &pb::CallService::Stub::GetCallSheet, get, Volunteer()), IsOk());
}

TEST_F(CallInputTest, AnEmptyRecord) {
  EXPECT_THAT(
      Refused(pb::RecordCallRequest()),
      UnorderedElementsAre("request_id", "campaign_id", "lease_id", "fence", "disposition"));
}

// More than gRPC's metadata carries: the named error arrives all the same, with what fits.
TEST_F(CallInputTest, HundredsOfViolations) {
  pb::RecordCallRequest record = Record(sheet_);
  record.clear_answers();
  for (int i = 0; i < 500; ++i) {
    auto& answer = *record.add_answers();  // no subject, no question, no value: 1,499 violations
    answer.set_tenant_id(std::string(300, 'x'));
  }
  const auto answer = Send(record);
  EXPECT_THAT(answer, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  const std::vector<std::string> fields = FieldsOf(answer.status());
  ASSERT_GT(fields.size(), 20);
  EXPECT_LT(fields.size(), 200);
  EXPECT_EQ(fields[0], "answers[0].tenant_id");
  EXPECT_EQ(fields.back(), "");  // "and so many more"
}

TEST_F(CallInputTest, AllThatIsWrongWithARecordAtOnce) {
  pb::RecordCallRequest record = Record(sheet_);
  record.set_disposition(static_cast<pb::Disposition>(99));
  record.set_phone_position(21);
  *record.mutable_dial_time() = rpc::ToProto(clock_.Now() - absl::Hours(24 * 8));
  record.mutable_duration()->set_seconds(-1);
  *record.mutable_callback_time() = rpc::ToProto(clock_.Now() + absl::Hours(1));
  record.mutable_answers(0)->set_question_id("no_such_question");
  auto& text = *record.add_answers();
  text.set_tenant_id("me");
  text.set_question_id("meals");
  text.set_text("a text for a yes-or-no question");
  auto& nothing = *record.add_answers();
  nothing.set_tenant_id(Subject());
  nothing.set_question_id("meals");
  auto& agreement = *record.add_agreements();
  agreement.set_tenant_id(Subject());
  agreement.set_kind(pb::AGREEMENT_KIND_WEEKLY_CALL);
  agreement.set_need(common_pb::NEED_MEALS);
  agreement.set_text_version("no-such-text");
  agreement.set_words(std::string(1001, 'w'));
  auto& raised = *record.add_raised_findings();
  raised.set_tenant_id(Subject());
  EXPECT_THAT(
      Refused(record),
      IsSupersetOf({"disposition", "phone_position", "dial_time", "duration", "callback_time",
                    "answers[0].question_id", "answers[1].tenant_id", "answers[1]", "answers[2]",
                    "agreements[0].need", "agreements[0].text_version", "agreements[0].words",
                    "raised_findings[0].need", "raised_findings[0].urgency"}));
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "0");
  EXPECT_EQ(Value("SELECT state FROM leases"), "LIVE");
  EXPECT_THAT(Send(Record(sheet_)), IsOk());
}

TEST_F(CallInputTest, TwiceTheSame) {
  pb::RecordCallRequest record = Record(sheet_);
  *record.add_answers() = record.answers(0);
  for (int i = 0; i < 2; ++i) {
    auto& agreement = *record.add_agreements();
    agreement.set_tenant_id(Subject());
    agreement.set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
    agreement.set_need(common_pb::NEED_MEALS);
    agreement.set_text_version("share-1");
    auto& raised = *record.add_raised_findings();
    raised.set_tenant_id(Subject());
    raised.set_need(common_pb::NEED_MEALS);
    raised.set_urgency(common_pb::URGENCY_ROUTINE);
  }
  EXPECT_THAT(Refused(record),
              UnorderedElementsAre("answers[1]", "agreements[1]", "raised_findings[1]"));
}

TEST_F(CallInputTest, TooMany) {
  pb::RecordCallRequest record = Record(sheet_);
  for (int i = 0; i < 501; ++i) *record.add_answers() = record.answers(0);
  EXPECT_THAT(Refused(record), IsSupersetOf({"answers"}));
  record = Record(sheet_);
  for (int i = 0; i < 101; ++i) record.add_agreements();
  EXPECT_THAT(Refused(record), IsSupersetOf({"agreements"}));
  record = Record(sheet_);
  for (int i = 0; i < 51; ++i) record.add_raised_findings();
  EXPECT_THAT(Refused(record), IsSupersetOf({"raised_findings"}));
}

TEST_F(CallInputTest, AnswersOfNobody) {
  pb::RecordCallRequest record = Record(sheet_);
  record.set_disposition(pb::DISPOSITION_NO_ANSWER);
  EXPECT_THAT(Refused(record), UnorderedElementsAre("answers"));
  record = Record(sheet_);
  record.set_disposition(pb::DISPOSITION_CALLBACK_REQUESTED);
  EXPECT_THAT(Refused(record), UnorderedElementsAre("callback_time"));
  *record.mutable_callback_time() = rpc::ToProto(clock_.Now() + absl::Hours(24 * 100));
  EXPECT_THAT(Refused(record), UnorderedElementsAre("callback_time"));  // after the campaign
}

TEST_F(CallInputTest, NulBytesAndUnknownCampaigns) {
  pb::RecordCallRequest record = Record(sheet_);
  record.mutable_answers(0)->set_question_id(std::string("we\0ll", 5));
  EXPECT_FALSE(Refused(record).empty());
  record = Record(sheet_);
  record.set_campaign_id(NewId());
  EXPECT_THAT(Send(record), ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
  EXPECT_THAT(Send(Record(sheet_)), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
