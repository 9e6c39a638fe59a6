#include <gmock/gmock.h>

#include <thread>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"

namespace veille::tenant_registry {
namespace {

namespace errors_pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;

class HouseholdsTest : public RegistryTest {
 protected:
  void Take(const std::vector<pb::RegisterRow>& rows) {
    ASSERT_THAT(Import(stub(), Coordinator(), ImportStream::Header(), rows).status, IsOk());
  }
  absl::StatusOr<pb::GetHouseholdResponse> Get(const std::string& id) {
    pb::GetHouseholdRequest request;
    request.set_household_id(id);
    return Call(&Stub::GetHousehold, request, Coordinator());
  }
  absl::StatusOr<pb::ListHouseholdsResponse> List(const pb::ListHouseholdsRequest& request) {
    return Call(&Stub::ListHouseholds, request, Coordinator());
  }
  absl::StatusOr<pb::BatchGetContactSheetsResponse> Sheets(
      const std::vector<std::string>& households) {
    pb::BatchGetContactSheetsRequest request;
    for (const std::string& household : households) {
      pb::ContactSheetQuery* query = request.add_queries();
      query->set_household_id(household);
      query->set_lease_id(NewId());
    }
    return Call(&Stub::BatchGetContactSheets, request, Calls());
  }
  int64_t Events(const std::string& method, const std::string& household) {
    return Count("SELECT count(*) FROM audit_events WHERE method = '" + method +
                 "' AND object_id = '" + household + "'");
  }
  static pb::RegisterRow Whole() {
    auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234 / 0639980102");
    row.set_building("B");
    row.set_staircase("2");
    row.set_floor("3");
    row.set_door("31");
    row.set_email("jeanne@exemple.fr");
    row.set_relation("Titulaire");
    row.set_move_in_date("04/08/2005");
    row.set_key_contact_name("Sa \"fille\", Zoé");
    row.set_key_contact_phone("0536490000");
    return row;
  }
};

TEST_F(HouseholdsTest, AHouseholdIsShownWhole) {
  Take({Whole()});
  const std::string id = Find("L1").household_id();
  const auto got = Get(id);
  ASSERT_THAT(got, IsOk());
  const pb::Household& household = got->household();
  EXPECT_EQ(household.client_reference(), "L1");
  EXPECT_EQ(household.state(), pb::RESIDENCY_STATE_PRESENT);
  EXPECT_EQ(household.version(), 1);
  EXPECT_FALSE(household.etag().empty());
  EXPECT_EQ(household.dwelling().door(), "31");
  EXPECT_EQ(household.move_in_date().year(), 2005);
  EXPECT_EQ(household.tenants(0).email(), "jeanne@exemple.fr");
  EXPECT_EQ(household.tenants(0).relation(), "Titulaire");
  ASSERT_EQ(household.key_contacts_size(), 1);
  EXPECT_EQ(household.key_contacts(0).name(), "Sa \"fille\", Zoé");
  EXPECT_EQ(household.key_contacts(0).e164(), "+33536490000");
  EXPECT_EQ(household.phones(1).position(), 2);
  EXPECT_EQ(Events("GetHousehold", id), 1);
}

TEST_F(HouseholdsTest, ALookOutsideOnesOwnWorkLeavesItsReason) {
  Take({Whole()});
  const std::string id = Find("L1").household_id();
  pb::GetHouseholdRequest get;
  get.set_household_id(id);
  pb::FindHouseholdsRequest find;
  find.set_name("martin");
  Identity coordinator = Coordinator();
  Identity officer = {"dpo", "dominique", landlord_};
  database().Query("DELETE FROM audit_events");

  coordinator.reason = officer.reason = "";
  EXPECT_THAT(Call(&Stub::GetHousehold, get, coordinator),
              ReasonIs(errors_pb::ERROR_REASON_REASON_REQUIRED));
  EXPECT_THAT(Call(&Stub::ListHouseholds, pb::ListHouseholdsRequest(), officer),
              ReasonIs(errors_pb::ERROR_REASON_REASON_REQUIRED));
  EXPECT_THAT(Call(&Stub::FindHouseholds, find, officer),
              ReasonIs(errors_pb::ERROR_REASON_REASON_REQUIRED));
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events"), 0) << "nothing was read";

  coordinator.reason = "réclamation, dossier n° 17";
  officer.reason = "request to see what is kept";
  EXPECT_THAT(Call(&Stub::GetHousehold, get, coordinator), IsOk());
  EXPECT_THAT(Call(&Stub::ListHouseholds, pb::ListHouseholdsRequest(), officer), IsOk());
  // A coordinator finds who is on the line: own work, whatever comes along with the call.
  EXPECT_THAT(Call(&Stub::FindHouseholds, find, coordinator), IsOk());
  std::vector<std::string> told;
  for (const auto& row :
       database().Query("SELECT actor_role, method, reason FROM audit_events WHERE object_id = '" +
                        id + "' ORDER BY event_time")) {
    told.push_back(row[0] + " " + row[1] + " " + row[2]);
  }
  EXPECT_THAT(told, ElementsAre("coordinator GetHousehold réclamation, dossier n° 17",
                                "dpo ListHouseholds request to see what is kept",
                                "coordinator FindHouseholds "));
}

TEST_F(HouseholdsTest, AHouseholdOfAnotherLandlordIsNotFound) {
  Take({Whole()});
  const std::string id = Find("L1").household_id();
  const std::string owner = landlord_;
  landlord_ = CreateLandlord("Autre");
  const auto foreign = Get(id);
  EXPECT_THAT(foreign, ReasonIs(errors_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  EXPECT_EQ(Get(NewId()).status().message(), foreign.status().message());
  const auto sheets = Sheets({id});
  ASSERT_THAT(sheets, IsOk());
  EXPECT_EQ(sheets->contact_sheets_size(), 0);
  EXPECT_EQ(Events("GetHousehold", id) + Events("BatchGetContactSheets", id), 0);
  landlord_ = owner;
  EXPECT_THAT(Get(id), IsOk());
  EXPECT_EQ(Sheets({id})->contact_sheets_size(), 1);
}

TEST_F(HouseholdsTest, ListsComeInPages) {
  std::vector<pb::RegisterRow> rows;
  for (int i = 0; i < 7; ++i) {
    const std::string n = std::to_string(i);
    rows.push_back(Person("D" + n, "L" + n, "Martin", "Jeanne", "14/05/1940"));
  }
  rows[6].set_commune_code("31557");
  Take(rows);
  pb::ListHouseholdsRequest request;
  request.set_page_size(3);
  std::vector<std::string> ids;
  do {
    const auto page = List(request);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->households_size(), 3);
    for (const auto& household : page->households()) ids.push_back(household.household_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(ids, SizeIs(7));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  for (const std::string& id : ids) EXPECT_EQ(Events("ListHouseholds", id), 1);

  pb::ListHouseholdsRequest narrow;
  narrow.set_commune_code("31557");
  EXPECT_EQ(List(narrow)->households_size(), 1);
  narrow.set_dwelling_number("D6");
  EXPECT_EQ(List(narrow)->households_size(), 1);
  narrow.set_client_reference("L5");
  EXPECT_EQ(List(narrow)->households_size(), 0);
}

TEST_F(HouseholdsTest, ContactSheetsTellHowToReachAndNoMore) {
  auto silent = Person("D2", "L2", "Durand", "Ève", "", "12");
  auto paul = Whole();
  paul.set_given_name("Paul");
  paul.set_birth_date("18/03/1938");
  paul.set_phones(0, "0536491234");
  paul.clear_key_contact_name();
  paul.clear_key_contact_phone();
  Take({Whole(), paul, silent});
  const pb::Household martin = Find("L1");
  const std::string durand = Find("L2").household_id();
  const auto sheets = Sheets({martin.household_id(), durand, NewId()});
  ASSERT_THAT(sheets, IsOk());
  ASSERT_EQ(sheets->contact_sheets_size(), 2);
  const pb::ContactSheet& sheet = sheets->contact_sheets(0);
  EXPECT_EQ(sheet.household_id(), martin.household_id());
  EXPECT_EQ(sheet.version(), martin.version());
  EXPECT_THAT(sheet.address_lines(),
              ElementsAre("escalier 2, étage 3, porte 31", "Les Lilas, bâtiment B",
                          "12 rue des Lilas", "31000 Toulouse"));
  ASSERT_EQ(sheet.tenants_size(), 2);
  EXPECT_EQ(sheet.tenants(0).age(), 79);
  EXPECT_EQ(sheet.tenants(1).age(), 81);  // 82 tomorrow
  ASSERT_EQ(sheet.phones_size(), 2);      // the number that both have is there once
  EXPECT_EQ(sheet.phones(0).e164(), "+33536491234");
  EXPECT_EQ(sheet.phones(0).phone_hash(), martin.phones(0).phone_hash());
  EXPECT_EQ(sheet.key_contacts(0).name(), "Sa \"fille\", Zoé");
  EXPECT_EQ(sheets->contact_sheets(1).tenants(0).age(), 0);
  EXPECT_EQ(sheets->contact_sheets(1).phones_size(), 0);
  EXPECT_EQ(Events("BatchGetContactSheets", martin.household_id()), 1);
  EXPECT_EQ(
      Count("SELECT count(*) FROM audit_events WHERE actor = 'call-tracking' AND purpose LIKE "
            "'lease %'"),
      2);
}

TEST_F(HouseholdsTest, ContactSheetsAskedForAtOnceAreEachAnswered) {
  std::vector<pb::RegisterRow> rows;
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    rows.push_back(Person("D" + n, "L" + n, "Martin", n, "14/05/1940", "0536491234"));
  }
  Take(rows);
  std::vector<std::string> ids;
  for (const auto& row : database().Query("SELECT household_id FROM households")) {
    ids.push_back(row[0]);
  }
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int caller = 0; caller < 32; ++caller) {
    callers.emplace_back([&, caller] {
      for (int i = 0; i < 20; ++i) {
        // Every third asks for more than its share of a batch, the last for an unknown one.
        const size_t count = i % 3 == 0 ? 20 : 1;
        std::vector<std::string> asked;
        for (size_t k = 0; k < count; ++k) {
          asked.push_back(
              ids[(static_cast<size_t>(caller) * 31 + static_cast<size_t>(i) * 7 + k) % 300]);
        }
        if (i == 19) asked.push_back(NewId());
        const auto sheets = Sheets(asked);
        const bool fits = sheets.ok() &&
                          static_cast<size_t>(sheets->contact_sheets_size()) == count &&
                          sheets->contact_sheets(0).household_id() == asked[0];
        right += fits ? 1 : 0;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(right, 32 * 20);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events WHERE method = 'BatchGetContactSheets'"),
            32 * (7 * 20 + 13));
}

TEST_F(HouseholdsTest, BadRequestsAreToldWithAllTheirFaults) {
  Take({Whole()});
  EXPECT_THAT(BadFields(Get("").status()), ElementsAre("household_id"));
  EXPECT_THAT(BadFields(Get("L1").status()), ElementsAre("household_id"));
  pb::ListHouseholdsRequest list;
  list.set_page_size(1001);
  list.set_page_token("?");
  list.set_commune_code("99999");
  list.set_dwelling_number(std::string(65, 'x'));
  list.set_client_reference(std::string(65, 'x'));
  EXPECT_THAT(BadFields(List(list).status()), ElementsAre("page_size", "page_token", "commune_code",
                                                          "dwelling_number", "client_reference"));
  pb::BatchGetContactSheetsRequest sheets;
  EXPECT_THAT(BadFields(Call(&Stub::BatchGetContactSheets, sheets, Calls()).status()),
              ElementsAre("queries"));
  const std::string id = Find("L1").household_id();
  sheets.add_queries()->set_household_id(id);
  sheets.add_queries()->set_household_id(id);
  sheets.mutable_queries(1)->set_finding_id("x");
  EXPECT_THAT(
      BadFields(Call(&Stub::BatchGetContactSheets, sheets, Calls()).status()),
      ElementsAre("queries[0].purpose", "queries[1].finding_id", "queries[1].household_id"));
  for (int i = 0; i < 300; ++i) sheets.add_queries();
  EXPECT_THAT(Call(&Stub::BatchGetContactSheets, sheets, Calls()),
              ReasonIs(errors_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events WHERE method = 'BatchGetContactSheets'"), 0);
  EXPECT_THAT(Get(id), IsOk());
  EXPECT_THAT(Sheets({id}), IsOk());
}

TEST_F(HouseholdsTest, OnlyCallTrackingReadsContactSheets) {
  Take({Whole()});
  pb::BatchGetContactSheetsRequest request;
  request.add_queries()->set_household_id(Find("L1").household_id());
  request.mutable_queries(0)->set_finding_id(NewId());
  for (const Identity& identity :
       {Coordinator(), Identity{"volunteer", "vero", landlord_},
        Identity{"service", "referral", landlord_}, Identity{"partner", "ccas", landlord_}}) {
    EXPECT_FALSE(Call(&Stub::BatchGetContactSheets, request, identity).ok());
  }
  EXPECT_THAT(Call(&Stub::BatchGetContactSheets, request, Calls()), IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
