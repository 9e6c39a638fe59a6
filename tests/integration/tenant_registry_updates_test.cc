// UpdateHousehold: what a coordinator corrects stands over the register, and reaches call-tracking.

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
using ::testing::UnorderedElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;

class UpdatesTest : public RegistryTest {
 protected:
  using Updated = absl::StatusOr<pb::UpdateHouseholdResponse>;

  Imported Take(const std::vector<pb::RegisterRow>& rows, bool complete = false) {
    pb::ImportHeader header = ImportStream::Header();
    header.set_complete(complete);
    return Import(stub(), Coordinator(), header, rows);
  }
  // Two persons, two numbers of the first.
  static std::vector<pb::RegisterRow> Register() {
    pb::RegisterRow jeanne =
        Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234 / 0536490000");
    jeanne.set_key_contact_name("Sa nièce");
    jeanne.set_key_contact_phone("0536495555");
    return {jeanne, Person("D1", "L1", "Martin", "Paul", "14/05/1938")};
  }
  void TakeRegister() {
    ASSERT_THAT(Take(Register()).status, IsOk());
    household_ = Find("L1");
  }
  // A changed row of the first person: everything that hangs on it is written again.
  std::vector<pb::RegisterRow> ChangedRegister() {
    auto rows = Register();
    rows[0].set_door("99");
    return rows;
  }

  pb::UpdateHouseholdRequest Change(std::vector<std::string> paths) const {
    pb::UpdateHouseholdRequest request;
    request.set_request_id(NewId());
    *request.mutable_household() = household_;
    request.mutable_household()->clear_etag();
    for (std::string& path : paths) request.mutable_update_mask()->add_paths(std::move(path));
    return request;
  }
  Updated Send(const pb::UpdateHouseholdRequest& request) {
    return Call(&Stub::UpdateHousehold, request, Coordinator());
  }
  // The household's phones are these, as typed.
  Updated SendPhones(const std::vector<std::string>& texts) {
    auto request = Change({"phones"});
    request.mutable_household()->clear_phones();
    for (const std::string& text : texts) {
      request.mutable_household()->add_phones()->set_original(text);
    }
    return Send(request);
  }
  static std::vector<std::string> Numbers(const pb::Household& household) {
    std::vector<std::string> numbers;
    for (const pb::Phone& phone : household.phones()) {
      const bool off = phone.verdict() == pb::PHONE_VERDICT_NOT_WORKING;
      numbers.push_back((off ? "not " : "") + phone.e164());
    }
    return numbers;
  }
  static std::vector<std::string> Contacts(const pb::Household& household) {
    std::vector<std::string> contacts;
    for (const pb::KeyContact& contact : household.key_contacts()) {
      contacts.push_back(contact.name() + " " + contact.e164());
    }
    return contacts;
  }
  std::vector<calls::v1::RecordHouseholdChangeRequest> Told(size_t count) {
    EXPECT_TRUE(WaitUntil([&] {
      return intake().taken().size() >= count && Count("SELECT count(*) FROM outbox") == 0;
    }));
    return intake().taken();
  }
  static pb::PreviewCohortRequest Everybody() {
    pb::PreviewCohortRequest request;
    request.mutable_rule()->set_minimum_age(70);
    *request.mutable_rule()->mutable_reference_date() = Day(2020, 3, 17);
    return request;
  }
  pb::CohortCounts Preview() {
    return Call(&Stub::PreviewCohort, Everybody(), Coordinator())->counts();
  }

  pb::Household household_;
};

TEST_F(UpdatesTest, PhonesAreThoseThatAreSentInTheirOrder) {
  TakeRegister();
  const Updated updated = SendPhones({"06 39 98 01 02", "+33 (0)5 36 49 00 00"});
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(Numbers(updated->household()), ElementsAre("+33639980102", "+33536490000"));
  EXPECT_EQ(updated->household().version(), household_.version() + 1);
  EXPECT_EQ(updated->household().SerializeAsString(), Find("L1").SerializeAsString());
  const auto told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_PHONES);
  EXPECT_EQ(told[0].version(), updated->household().version());
  EXPECT_THAT(told[0].phone_hashes(), ElementsAre(updated->household().phones(0).phone_hash(),
                                                  updated->household().phones(1).phone_hash()));
}

TEST_F(UpdatesTest, CorrectedPhonesSurviveTheRegister) {
  TakeRegister();
  ASSERT_THAT(SendPhones({"0639980102", "0536490000"}), IsOk());
  const Imported same = Take(Register());
  EXPECT_EQ(same.totals.unchanged(), 2);
  EXPECT_THAT(Numbers(Find("L1")), ElementsAre("+33639980102", "+33536490000"));
  // A changed row names the number that was taken off, and a new one: only that one comes in.
  auto rows = ChangedRegister();
  rows[0].add_phones("0536497777");
  EXPECT_EQ(Take(rows).totals.changed(), 1);
  EXPECT_THAT(Numbers(Find("L1")), ElementsAre("+33639980102", "+33536490000", "+33536497777"));
}

TEST_F(UpdatesTest, APhoneThatWasTakenOffMayBeTypedAgain) {
  TakeRegister();
  ASSERT_THAT(SendPhones({}), IsOk());
  EXPECT_THAT(Numbers(Find("L1")), IsEmpty());
  EXPECT_EQ(Preview().no_valid_phone(), 1);
  const Updated back = SendPhones({"0536491234"});
  EXPECT_THAT(Numbers(back->household()), ElementsAre("+33536491234"));
  EXPECT_EQ(Preview().selected(), 1);
  ASSERT_THAT(Take(ChangedRegister()).status, IsOk());
  EXPECT_THAT(Numbers(Find("L1")), ElementsAre("+33536491234"));
}

TEST_F(UpdatesTest, APhoneMayBeKeptAndNotDialled) {
  TakeRegister();
  auto request = Change({"phones"});
  request.mutable_household()->mutable_phones(0)->set_verdict(pb::PHONE_VERDICT_NOT_WORKING);
  const Updated updated = Send(request);
  EXPECT_THAT(Numbers(updated->household()), ElementsAre("not +33536491234", "+33536490000"));
  // Sent back as it was read, nothing changes; nor does an import.
  household_ = updated->household();
  const Updated again = Send(Change({"phones"}));
  EXPECT_THAT(Numbers(again->household()), ElementsAre("not +33536491234", "+33536490000"));
  ASSERT_THAT(Take(ChangedRegister()).status, IsOk());
  EXPECT_THAT(Numbers(Find("L1")), ElementsAre("not +33536491234", "+33536490000"));
  EXPECT_THAT(Told(1), SizeIs(1));
  // Typed anew it is dialled again.
  EXPECT_THAT(Numbers(SendPhones({"0536491234"})->household()), ElementsAre("+33536491234"));
}

TEST_F(UpdatesTest, ATypedPhoneThatIsReportedIsNotDialledUntilItIsTypedAgain) {
  TakeRegister();
  const Updated typed = SendPhones({"0639980102", "0536491234"});
  pb::ReportPhoneRequest report;
  report.set_request_id(NewId());
  report.set_attempt_id(NewId());
  report.set_household_id(household_.household_id());
  report.set_phone_hash(typed->household().phones(0).phone_hash());
  report.set_fault(pb::PHONE_FAULT_WRONG_NUMBER);
  EXPECT_EQ(Call(&Stub::ReportPhone, report, Calls())->phones_left(), 1);
  ASSERT_THAT(Take(ChangedRegister()).status, IsOk());
  household_ = Find("L1");
  EXPECT_THAT(Numbers(household_), ElementsAre("not +33639980102", "+33536491234"));
  // Another correction of the list, sent back as it was read, keeps the report.
  EXPECT_THAT(Numbers(Send(Change({"phones"}))->household()),
              ElementsAre("not +33639980102", "+33536491234"));
  EXPECT_EQ(Count("SELECT count(*) FROM phone_faults WHERE fault = 1 AND attempt_id IS NOT NULL"),
            1);
  EXPECT_THAT(Numbers(SendPhones({"0639980102"})->household()), ElementsAre("+33639980102"));
}

TEST_F(UpdatesTest, WhatStoodUnreadableInTheRegisterMayBeSentBack) {
  ASSERT_THAT(Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "12")}).status, IsOk());
  household_ = Find("L1");
  ASSERT_EQ(household_.phones(0).verdict(), pb::PHONE_VERDICT_INVALID);
  auto request = Change({"phones"});
  request.mutable_household()->add_phones()->set_e164("0536491234");
  const Updated updated = Send(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_THAT(Numbers(updated->household()), ElementsAre("+33536491234", ""));
}

TEST_F(UpdatesTest, NumbersAreReadWhereTheHouseholdLives) {
  auto row = Person("D1", "L1", "Tehei", "Moana", "14/05/1940");
  row.set_commune_code("98735");
  ASSERT_THAT(Take({row}).status, IsOk());
  household_ = Find("L1");
  EXPECT_THAT(Numbers(SendPhones({"87 12 34 56", "0692123456"})->household()),
              ElementsAre("+68987123456", "+262692123456"));
}

TEST_F(UpdatesTest, KeyContactsAreThoseThatAreSent) {
  TakeRegister();
  ASSERT_THAT(Contacts(household_), ElementsAre("Sa nièce +33536495555"));
  auto request = Change({"key_contacts"});
  request.mutable_household()->clear_key_contacts();
  auto* son = request.mutable_household()->add_key_contacts();
  son->set_name("Son  fils ");
  son->set_e164("06 39 98 01 02");
  request.mutable_household()->add_key_contacts()->set_name("La gardienne");
  const Updated updated = Send(request);
  EXPECT_THAT(Contacts(updated->household()),
              ElementsAre("Son fils +33639980102", "La gardienne "));
  ASSERT_THAT(Take(ChangedRegister()).status, IsOk());
  EXPECT_THAT(Contacts(Find("L1")), ElementsAre("Son fils +33639980102", "La gardienne "));
  pb::BatchGetContactSheetsRequest sheets;
  sheets.add_queries()->set_household_id(household_.household_id());
  sheets.mutable_queries(0)->set_lease_id(NewId());
  const auto sheet = Call(&Stub::BatchGetContactSheets, sheets, Calls());
  ASSERT_THAT(sheet, IsOk());
  ASSERT_EQ(sheet->contact_sheets(0).key_contacts_size(), 2);
  EXPECT_EQ(sheet->contact_sheets(0).key_contacts(0).name(), "Son fils");
  // None at all is a correction too.
  auto none = Change({"key_contacts"});
  none.mutable_household()->clear_key_contacts();
  EXPECT_THAT(Contacts(Send(none)->household()), IsEmpty());
}

TEST_F(UpdatesTest, NamesAndBirthDatesSurviveTheRegister) {
  TakeRegister();
  auto request = Change({"tenants"});
  request.mutable_household()->mutable_tenants()->RemoveLast();  // Jeanne: who came later
  pb::Tenant& person = *request.mutable_household()->mutable_tenants(0);
  person.set_family_name("Martin-Dupré");
  *person.mutable_birth_date() = Day(1960, 5, 14);
  const Updated updated = Send(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->household().tenants_size(), 2);
  ASSERT_THAT(Take(ChangedRegister()).status, IsOk());
  const pb::Household after = Find("L1");
  EXPECT_EQ(after.tenants(0).family_name(), "Martin-Dupré");
  EXPECT_EQ(after.tenants(0).birth_date().year(), 1960);
  EXPECT_EQ(after.tenants(1).family_name(), "Martin");
  EXPECT_THAT(Told(0), IsEmpty());
}

TEST_F(UpdatesTest, WhoDiedIsNotCalledAnyMoreWhateverTheRegisterSays) {
  TakeRegister();
  auto request = Change({"tenants"});
  pb::Household& household = *request.mutable_household();
  household.mutable_tenants()->RemoveLast();
  household.mutable_tenants(0)->set_deceased(true);
  const std::string dead = household.tenants(0).tenant_id();
  const Updated updated = Send(request);
  ASSERT_THAT(updated, IsOk());
  ASSERT_EQ(updated->household().tenants_size(), 1);
  EXPECT_NE(updated->household().tenants(0).tenant_id(), dead);
  EXPECT_EQ(Take(Register()).totals.unchanged(), 2);
  ASSERT_THAT(Take(ChangedRegister(), /*complete=*/true).status, IsOk());
  EXPECT_EQ(Find("L1").tenants_size(), 1);
  const auto told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_DECEASED);
  EXPECT_THAT(told[0].tenant_ids(), ElementsAre(dead));
  // It was a mistake.
  household.mutable_tenants(0)->set_deceased(false);
  request.set_request_id(NewId());
  EXPECT_EQ(Send(request)->household().tenants_size(), 2);
}

TEST_F(UpdatesTest, AnObjectionIsRecordedAndTakenBack) {
  TakeRegister();
  auto request = Change({"objection"});
  request.mutable_household()->set_objection(true);
  EXPECT_TRUE(Send(request)->household().objection());
  EXPECT_EQ(Preview().objection(), 1);
  const auto told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_EQ(told[0].tenant_ids_size(), 0);
  request.set_request_id(NewId());
  request.mutable_household()->set_objection(false);
  EXPECT_FALSE(Send(request)->household().objection());
  EXPECT_EQ(Preview().selected(), 1);
  ASSERT_THAT(Take(Register()).status, IsOk());
  EXPECT_EQ(Preview().selected(), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM households WHERE objection_time IS NULL"), 1);
}

TEST_F(UpdatesTest, AnObjectionToCallsOnlyIsTakenBackOrWidened) {
  TakeRegister();
  pb::RecordObjectionRequest calls_only;
  calls_only.set_household_id(household_.household_id());
  calls_only.set_calls_only(true);
  auto request = Change({"objection"});
  for (const bool objects : {false, true}) {
    calls_only.set_request_id(NewId());
    ASSERT_THAT(Call(&Stub::RecordObjection, calls_only, Coordinator()), IsOk());
    EXPECT_EQ(Preview().objection(), 1);  // whom nobody may call is in no cohort
    request.set_request_id(NewId());
    request.mutable_household()->set_objection(objects);
    const Updated updated = Send(request);
    ASSERT_THAT(updated, IsOk());
    EXPECT_EQ(updated->household().objection(), objects);
    EXPECT_FALSE(updated->household().calls_only());
    EXPECT_EQ(Preview().objection(), objects ? 1 : 0);
  }
  // Twice to calls only, then to the programme.
  std::vector<bool> narrow;
  for (const auto& change : Told(3)) narrow.push_back(change.calls_only());
  EXPECT_THAT(narrow, UnorderedElementsAre(true, true, false));
}

TEST_F(UpdatesTest, AnObjectionOfOnePersonIsTakenBackToo) {
  auto rows = Register();
  rows[0].set_objection(true);
  ASSERT_THAT(Take(rows).status, IsOk());
  household_ = Find("L1");
  ASSERT_TRUE(household_.tenants(0).objection());
  auto request = Change({"tenants"});
  request.mutable_household()->mutable_tenants(0)->set_objection(false);
  request.mutable_household()->mutable_tenants(1)->set_objection(true);
  const Updated updated = Send(request);
  EXPECT_FALSE(updated->household().tenants(0).objection());
  EXPECT_TRUE(updated->household().tenants(1).objection());
  ASSERT_THAT(Take(rows).status, IsOk());  // says it objects, as before
  EXPECT_FALSE(Find("L1").tenants(0).objection());
  const auto told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told[0].tenant_ids(), ElementsAre(household_.tenants(1).tenant_id()));
}

TEST_F(UpdatesTest, WhoMovedOutStaysSoUntilTheRegisterAgreesAndNamesThemAnew) {
  TakeRegister();
  auto request = Change({"state"});
  request.mutable_household()->set_state(pb::RESIDENCY_STATE_LEFT);
  EXPECT_EQ(Send(request)->household().state(), pb::RESIDENCY_STATE_LEFT);
  EXPECT_EQ(Preview().selected(), 0);
  // The register does not know yet: neither an unchanged nor a changed row brings them back.
  EXPECT_EQ(Take(Register(), /*complete=*/true).totals.unchanged(), 2);
  EXPECT_EQ(Find("L1").state(), pb::RESIDENCY_STATE_LEFT);
  EXPECT_EQ(Take(ChangedRegister(), /*complete=*/true).totals.changed(), 1);
  EXPECT_EQ(Find("L1").state(), pb::RESIDENCY_STATE_LEFT);
  // It knows: the household was marked as left already. It comes back with its rows.
  EXPECT_EQ(Take({Vacant("D2")}, /*complete=*/true).totals.households_left(), 0);
  EXPECT_EQ(Take(Register()).totals.changed(), 2);
  EXPECT_EQ(Find("L1").state(), pb::RESIDENCY_STATE_PRESENT);
  const auto told = Told(1);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_LEFT);
}

TEST_F(UpdatesTest, WhoIsStillThereStaysSoUntilTheRegisterAgrees) {
  TakeRegister();
  EXPECT_EQ(Take({Vacant("D2")}, /*complete=*/true).totals.households_left(), 1);
  household_ = Find("L1");
  auto request = Change({"state"});
  request.mutable_household()->set_state(pb::RESIDENCY_STATE_PRESENT);
  EXPECT_EQ(Send(request)->household().state(), pb::RESIDENCY_STATE_PRESENT);
  EXPECT_EQ(Preview().selected(), 1);
  EXPECT_EQ(Take({Vacant("D2")}, /*complete=*/true).totals.households_left(), 0);
  EXPECT_EQ(Find("L1").state(), pb::RESIDENCY_STATE_PRESENT);
  EXPECT_EQ(Find("L1").tenants_size(), 2);
  EXPECT_EQ(Preview().selected(), 1);
  // Named again and left out again, it leaves as any other.
  ASSERT_THAT(Take(Register()).status, IsOk());
  EXPECT_EQ(Take({Vacant("D2")}, /*complete=*/true).totals.households_left(), 1);
}

TEST_F(UpdatesTest, WhoLeftMayBeCorrectedToo) {
  TakeRegister();
  ASSERT_THAT(Take({Vacant("D2")}, /*complete=*/true).status, IsOk());
  household_ = Find("L1");
  ASSERT_EQ(household_.tenants_size(), 2);
  auto request = Change({"tenants"});
  request.mutable_household()->mutable_tenants(0)->set_family_name("Martin-Dupré");
  const Updated updated = Send(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->household().tenants(0).family_name(), "Martin-Dupré");
  EXPECT_EQ(Count("SELECT count(*) FROM tenants WHERE present"), 0);
}

TEST_F(UpdatesTest, SeveralCorrectionsAtOnceAreEachTold) {
  TakeRegister();
  auto request = Change({"phones", "tenants", "objection", "state"});
  pb::Household& household = *request.mutable_household();
  household.mutable_phones()->RemoveLast();
  household.mutable_tenants(0)->set_objection(true);
  household.mutable_tenants(1)->set_deceased(true);
  household.set_objection(true);
  household.set_state(pb::RESIDENCY_STATE_LEFT);
  const Updated updated = Send(request);
  ASSERT_THAT(updated, IsOk());
  std::vector<std::string> told;
  std::vector<int64_t> ending;
  for (const auto& change : Told(5)) {
    told.push_back(calls::v1::HouseholdChangeKind_Name(change.kind()).substr(22));
    if (change.kind() != calls::v1::HOUSEHOLD_CHANGE_KIND_PHONES) {
      ending.push_back(change.version());
    }
  }
  EXPECT_THAT(told, UnorderedElementsAre("LEFT", "OBJECTION", "OBJECTION", "DECEASED", "PHONES"));
  // Call-tracking takes in one change of a kind per version.
  std::sort(ending.begin(), ending.end());
  EXPECT_EQ(std::unique(ending.begin(), ending.end()), ending.end());
  EXPECT_EQ(updated->household().version(), ending.back());
}

TEST_F(UpdatesTest, TheSameRequestIsTakenOnce) {
  TakeRegister();
  auto request = Change({"phones"});
  request.mutable_household()->mutable_phones()->RemoveLast();
  const Updated first = Send(request);
  const Updated second = Send(request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  EXPECT_THAT(Told(1), SizeIs(1));
  // Both showed the household.
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events WHERE method = 'UpdateHousehold'"), 2);
  ASSERT_THAT(Take({Person("D2", "L2", "Durand", "Ève", "14/05/1940")}).status, IsOk());
  request.mutable_household()->set_household_id(Find("L2").household_id());
  EXPECT_THAT(Send(request), ReasonIs(errors_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(UpdatesTest, AnEtagThatIsNotTheStoredOneIsRefused) {
  TakeRegister();
  const std::string stale = household_.etag();
  ASSERT_THAT(SendPhones({"0536490000"}), IsOk());
  auto request = Change({"objection"});
  request.mutable_household()->set_objection(true);
  request.mutable_household()->set_etag(stale);
  EXPECT_THAT(Send(request), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Send(request), ReasonIs(errors_pb::ERROR_REASON_ETAG_MISMATCH));
  EXPECT_FALSE(Find("L1").objection());
  request.mutable_household()->set_etag(Find("L1").etag());
  EXPECT_THAT(Send(request), IsOk());
}

TEST_F(UpdatesTest, HouseholdsAndTenantsOfOthersAreNotFound) {
  TakeRegister();
  ASSERT_THAT(Take({Person("D2", "L2", "Durand", "Ève", "14/05/1940")}).status, IsOk());
  auto foreign_tenant = Change({"tenants"});
  foreign_tenant.mutable_household()->mutable_tenants(1)->set_tenant_id(
      Find("L2").tenants(0).tenant_id());
  EXPECT_THAT(Send(foreign_tenant), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  auto request = Change({"tenants"});
  const std::string owner = landlord_;
  landlord_ = CreateLandlord("Autre");
  EXPECT_THAT(Send(request), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  landlord_ = owner;
  EXPECT_THAT(Send(request), IsOk());
  request = Change({"state"});
  request.mutable_household()->set_household_id(NewId());
  EXPECT_THAT(Send(request), ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
}

TEST_F(UpdatesTest, BadRequestsAreToldWithAllTheirFaults) {
  TakeRegister();
  pb::UpdateHouseholdRequest empty;
  EXPECT_THAT(BadFields(Send(empty).status()),
              ElementsAre("request_id", "household.household_id", "update_mask.paths"));
  auto request = Change({"phones", "key_contacts", "tenants", "state", "version"});
  pb::Household& household = *request.mutable_household();
  household.set_state(pb::RESIDENCY_STATE_UNSPECIFIED);
  household.mutable_phones(0)->clear_e164();
  household.mutable_phones(0)->clear_original();
  household.mutable_phones(1)->set_verdict(static_cast<pb::PhoneVerdict>(9));
  household.mutable_key_contacts(0)->set_name("");
  household.mutable_key_contacts(0)->set_e164("");
  household.mutable_tenants(0)->set_family_name("");
  household.mutable_tenants(0)->set_given_name(" ");
  household.mutable_tenants(1)->set_tenant_id(household.tenants(0).tenant_id());
  household.mutable_tenants(1)->set_email("a\x07");
  *household.mutable_tenants(1)->mutable_birth_date() = Day(2020, 3, 18);
  EXPECT_THAT(BadFields(Send(request).status()),
              UnorderedElementsAre("household.phones[0].original", "household.phones[1].verdict",
                                   "household.key_contacts[0]", "household.tenants[0]",
                                   "household.tenants[1].email", "household.tenants[1].birth_date",
                                   "household.tenants[1].tenant_id", "household.state",
                                   "update_mask.paths[4]"));
  // What is no number where the household lives is told by its place.
  EXPECT_THAT(BadFields(SendPhones({"0536491234", "12", "0536490000 / 0536491234"}).status()),
              ElementsAre("household.phones[1]", "household.phones[2]"));
  EXPECT_THAT(Numbers(Find("L1")), ElementsAre("+33536491234", "+33536490000"));
  std::vector<std::string> many(21, "0536491234");
  EXPECT_THAT(BadFields(SendPhones(many).status()), ElementsAre("household.phones"));
  many.pop_back();
  EXPECT_THAT(SendPhones(many), IsOk());
}

TEST_F(UpdatesTest, OnlyACoordinatorMay) {
  TakeRegister();
  const auto request = Change({"phones"});
  for (const Identity& identity :
       {Identity{"volunteer", "vincent", landlord_}, Identity{"dpo", "dominique", landlord_},
        Calls(), Identity{"operator", "ops", ""}}) {
    EXPECT_THAT(Call(&Stub::UpdateHousehold, request, identity),
                ReasonIs(errors_pb::ERROR_REASON_ACCESS_DENIED))
        << identity.role;
  }
  EXPECT_THAT(Send(request), IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
