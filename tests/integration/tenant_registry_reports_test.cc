#include <gmock/gmock.h>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::tenant_registry {
namespace {

namespace errors_pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;

class ReportsTest : public RegistryTest {
 protected:
  void Take(const std::vector<pb::RegisterRow>& rows) {
    ASSERT_THAT(Import(stub(), Coordinator(), ImportStream::Header(), rows).status, IsOk());
  }
  void TakeTwoHouseholds() {
    Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234 / 0639980102"),
          Person("D1", "L1", "Martin", "Paul", "14/05/1938", "0536491234"),
          Person("D2", "L2", "Durand", "Ève", "14/05/1940", "0536491234")});
    household_ = Find("L1");
  }
  pb::ReportPhoneRequest Report(int phone) const {
    pb::ReportPhoneRequest request;
    request.set_request_id(NewId());
    request.set_attempt_id(NewId());
    request.set_household_id(household_.household_id());
    request.set_phone_hash(household_.phones(phone).phone_hash());
    request.set_fault(pb::PHONE_FAULT_OUT_OF_SERVICE);
    return request;
  }
  absl::StatusOr<pb::ReportPhoneResponse> Send(const pb::ReportPhoneRequest& request) {
    return Call(&Stub::ReportPhone, request, Calls());
  }
  pb::RecordObjectionRequest Objection(const std::string& tenant = "") const {
    pb::RecordObjectionRequest request;
    request.set_request_id(NewId());
    request.set_household_id(household_.household_id());
    request.set_tenant_id(tenant);
    return request;
  }
  absl::StatusOr<pb::RecordObjectionResponse> Send(const pb::RecordObjectionRequest& request) {
    return Call(&Stub::RecordObjection, request, Coordinator());
  }
  int64_t Waiting() { return Count("SELECT count(*) FROM outbox"); }

  pb::Household household_;
};

TEST_F(ReportsTest, AReportedPhoneIsNotDialledAnyMore) {
  TakeTwoHouseholds();
  const auto sent = Send(Report(0));
  ASSERT_THAT(sent, IsOk());
  EXPECT_EQ(sent->phones_left(), 1);
  const pb::Household after = Find("L1");
  EXPECT_EQ(after.phones(0).verdict(), pb::PHONE_VERDICT_NOT_WORKING);
  EXPECT_EQ(after.version(), household_.version() + 1);
  // The same number of another household stays.
  EXPECT_EQ(Find("L2").phones(0).verdict(), pb::PHONE_VERDICT_VALID);
  ASSERT_TRUE(WaitUntil([&] { return intake().taken().size() == 1; }));
  const auto told = intake().taken()[0];
  EXPECT_EQ(told.kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_PHONES);
  EXPECT_EQ(told.version(), after.version());
  EXPECT_THAT(told.phone_hashes(), ElementsAre(household_.phones(1).phone_hash()));
  ASSERT_TRUE(WaitUntil([&] { return Waiting() == 0; }));
}

TEST_F(ReportsTest, AnAttemptReportsOnce) {
  TakeTwoHouseholds();
  const auto report = Report(0);
  ASSERT_THAT(Send(report), IsOk());
  EXPECT_EQ(Send(report)->phones_left(), 1);
  auto other_request = report;
  other_request.set_request_id(NewId());
  EXPECT_EQ(Send(other_request)->phones_left(), 1);
  EXPECT_EQ(Send(Report(0))->phones_left(), 1);  // another attempt, known already
  EXPECT_EQ(Find("L1").version(), household_.version() + 1);
  ASSERT_TRUE(WaitUntil([&] { return Waiting() == 0; }));
  EXPECT_THAT(intake().taken(), SizeIs(1));
  EXPECT_EQ(Send(Report(1))->phones_left(), 0);
}

TEST_F(ReportsTest, AnImportDoesNotReviveAReportedPhone) {
  TakeTwoHouseholds();
  ASSERT_THAT(Send(Report(0)), IsOk());
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234 / 0536490000");
  Take({row});
  const pb::Household after = Find("L1");
  EXPECT_EQ(after.phones(0).verdict(), pb::PHONE_VERDICT_NOT_WORKING);
  EXPECT_EQ(after.phones(1).verdict(), pb::PHONE_VERDICT_VALID);
}

TEST_F(ReportsTest, UnknownPhonesAndHouseholdsAreNotFound) {
  TakeTwoHouseholds();
  auto unknown_phone = Report(0);
  unknown_phone.set_phone_hash(std::string(32, 'x'));
  EXPECT_THAT(Send(unknown_phone), ReasonIs(errors_pb::ERROR_REASON_PHONE_NOT_FOUND));
  auto unknown_household = Report(0);
  unknown_household.set_household_id(NewId());
  EXPECT_THAT(Send(unknown_household), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  const std::string owner = landlord_;
  landlord_ = CreateLandlord("Autre");
  EXPECT_THAT(Send(Report(0)), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  EXPECT_THAT(Send(Objection()), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  landlord_ = owner;
  // Nothing of the refused ones is left: the attempt may still report.
  EXPECT_EQ(Count("SELECT count(*) FROM inbox"), 0);
  unknown_phone.set_phone_hash(household_.phones(0).phone_hash());
  EXPECT_THAT(Send(unknown_phone), IsOk());
}

TEST_F(ReportsTest, AnObjectionOfOnePersonStopsTheirCalls) {
  TakeTwoHouseholds();
  const std::string paul = household_.tenants(1).tenant_id();
  const auto request = Objection(paul);
  const auto sent = Send(request);
  ASSERT_THAT(sent, IsOk());
  EXPECT_EQ(sent->version(), household_.version() + 1);
  EXPECT_EQ(Send(request)->version(), sent->version());
  EXPECT_EQ(Send(Objection(paul))->version(), sent->version());  // objects already
  const pb::Household after = Find("L1");
  EXPECT_FALSE(after.objection());
  EXPECT_FALSE(after.tenants(0).objection());
  EXPECT_TRUE(after.tenants(1).objection());
  ASSERT_TRUE(WaitUntil([&] { return Waiting() == 0; }));
  ASSERT_THAT(intake().taken(), SizeIs(1));
  EXPECT_EQ(intake().taken()[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_THAT(intake().taken()[0].tenant_ids(), ElementsAre(paul));
}

TEST_F(ReportsTest, AnObjectionOfTheHouseholdIsForAll) {
  TakeTwoHouseholds();
  ASSERT_THAT(Call(&Stub::RecordObjection, Objection(), Calls()), IsOk());
  EXPECT_TRUE(Find("L1").objection());
  ASSERT_TRUE(WaitUntil([&] { return intake().taken().size() == 1; }));
  EXPECT_THAT(intake().taken()[0].tenant_ids(), IsEmpty());
  pb::BatchGetContactSheetsRequest sheets;
  sheets.add_queries()->set_household_id(household_.household_id());
  sheets.mutable_queries(0)->set_lease_id(NewId());
  const auto answer = Call(&Stub::BatchGetContactSheets, sheets, Calls());
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->contact_sheets(0).tenants(0).objection());
  // An import that names the household again does not take it back.
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536490000")});
  EXPECT_TRUE(Find("L1").objection());
}

TEST_F(ReportsTest, AnObjectionToCallsOnlyIsWidenedAndNeverNarrowed) {
  TakeTwoHouseholds();
  auto calls_only = Objection();
  calls_only.set_calls_only(true);
  const auto first = Call(&Stub::RecordObjection, calls_only, Calls());
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->version(), household_.version() + 1);
  EXPECT_TRUE(Find("L1").objection());
  EXPECT_TRUE(Find("L1").calls_only());
  calls_only.set_request_id(NewId());
  EXPECT_EQ(Send(calls_only)->version(), first->version());

  const auto wider = Send(Objection());
  ASSERT_THAT(wider, IsOk());
  EXPECT_EQ(wider->version(), first->version() + 1);
  EXPECT_FALSE(Find("L1").calls_only());
  calls_only.set_request_id(NewId());
  EXPECT_EQ(Send(calls_only)->version(), wider->version());
  EXPECT_TRUE(Find("L1").objection());
  EXPECT_FALSE(Find("L1").calls_only());

  ASSERT_TRUE(WaitUntil([&] { return Waiting() == 0; }));
  auto told = intake().taken();
  ASSERT_THAT(told, SizeIs(2));
  if (told[0].version() > told[1].version()) std::swap(told[0], told[1]);
  EXPECT_TRUE(told[0].calls_only());
  EXPECT_EQ(told[0].version(), first->version());
  EXPECT_FALSE(told[1].calls_only());
  EXPECT_EQ(told[1].version(), wider->version());
}

TEST_F(ReportsTest, AContactSheetSaysWhoObjectsToCallsOnly) {
  TakeTwoHouseholds();
  ASSERT_THAT(Send(Objection(household_.tenants(1).tenant_id())), IsOk());  // to the programme
  auto calls_only = Objection();
  calls_only.set_calls_only(true);
  ASSERT_THAT(Send(calls_only), IsOk());
  pb::BatchGetContactSheetsRequest sheets;
  sheets.add_queries()->set_household_id(household_.household_id());
  sheets.mutable_queries(0)->set_finding_id(NewId());
  const auto answer = Call(&Stub::BatchGetContactSheets, sheets, Calls());
  ASSERT_THAT(answer, IsOk());
  const auto& tenants = answer->contact_sheets(0).tenants();
  ASSERT_THAT(tenants, SizeIs(2));
  EXPECT_TRUE(tenants[0].objection());
  EXPECT_TRUE(tenants[0].calls_only());
  EXPECT_TRUE(tenants[1].objection());
  EXPECT_FALSE(tenants[1].calls_only());
}

TEST_F(ReportsTest, ATenantOfAnotherHouseholdIsNotFound) {
  TakeTwoHouseholds();
  const std::string stranger = Find("L2").tenants(0).tenant_id();
  EXPECT_THAT(Send(Objection(stranger)), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  EXPECT_FALSE(Find("L2").tenants(0).objection());
  EXPECT_EQ(Waiting(), 0);
  EXPECT_THAT(Send(Objection(household_.tenants(0).tenant_id())), IsOk());
}

TEST_F(ReportsTest, WhatCallTrackingRefusesIsSentAgain) {
  TakeTwoHouseholds();
  intake().Refuse(true);
  ASSERT_THAT(Send(Objection()), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return intake().refused() >= 2; }));
  EXPECT_EQ(Waiting(), 1);
  intake().Refuse(false);
  ASSERT_TRUE(WaitUntil([&] { return Waiting() == 0; }));
  EXPECT_THAT(intake().taken(), SizeIs(1));
  EXPECT_TRUE(ids::Uuid::Parse(intake().taken()[0].request_id()).has_value());
}

TEST_F(ReportsTest, ARequestIdStandsForOneObject) {
  TakeTwoHouseholds();
  const auto objection = Objection();
  ASSERT_THAT(Send(objection), IsOk());
  auto other = objection;
  other.set_household_id(Find("L2").household_id());
  EXPECT_THAT(Send(other), ReasonIs(errors_pb::ERROR_REASON_REQUEST_ID_REUSED));
  auto report = Report(0);
  report.set_request_id(objection.request_id());
  EXPECT_THAT(Send(report), ReasonIs(errors_pb::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(Send(objection), IsOk());
}

TEST_F(ReportsTest, BadReportsAreToldWithAllTheirFaults) {
  TakeTwoHouseholds();
  pb::ReportPhoneRequest report;
  report.set_phone_hash("short");
  EXPECT_THAT(BadFields(Send(report).status()),
              ElementsAre("request_id", "attempt_id", "household_id", "phone_hash", "fault"));
  report = Report(0);
  report.set_fault(static_cast<pb::PhoneFault>(9));
  EXPECT_THAT(BadFields(Send(report).status()), ElementsAre("fault"));
  pb::RecordObjectionRequest objection;
  objection.set_tenant_id("x");
  objection.mutable_objection_time()->set_seconds(absl::ToUnixSeconds(Start()) + 86400);
  EXPECT_THAT(BadFields(Send(objection).status()),
              ElementsAre("request_id", "household_id", "tenant_id", "objection_time"));
  objection = Objection(household_.tenants(0).tenant_id());
  objection.set_calls_only(true);
  EXPECT_THAT(BadFields(Send(objection).status()), ElementsAre("calls_only"));
  objection = Objection();
  objection.mutable_objection_time()->set_seconds(253402300800);
  EXPECT_THAT(Send(objection), ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Find("L1").version(), household_.version());
  objection.mutable_objection_time()->set_seconds(absl::ToUnixSeconds(Start()) - 86400);
  EXPECT_THAT(Send(objection), IsOk());
  EXPECT_THAT(Send(Report(0)), IsOk());
}

TEST_F(ReportsTest, OnlyCallTrackingReportsPhones) {
  TakeTwoHouseholds();
  EXPECT_THAT(Call(&Stub::ReportPhone, Report(0), Coordinator()),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Call(&Stub::RecordObjection, Objection(), {"volunteer", "vero", landlord_}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Send(Report(0)), IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
