// FindHouseholds: a coordinator with a tenant on the line types a name.

#include <gmock/gmock.h>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"

namespace veille::tenant_registry {
namespace {

namespace errors_pb = ::veille::common::v1;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class SearchTest : public RegistryTest {
 protected:
  void Take(const std::vector<pb::RegisterRow>& rows, bool complete = false) {
    pb::ImportHeader header = ImportStream::Header();
    header.set_complete(complete);
    ASSERT_THAT(Import(stub(), Coordinator(), header, rows).status, IsOk());
  }
  absl::StatusOr<pb::FindHouseholdsResponse> Search(const pb::FindHouseholdsRequest& request) {
    return Call(&Stub::FindHouseholds, request, Coordinator());
  }
  static pb::FindHouseholdsRequest Named(const std::string& name) {
    pb::FindHouseholdsRequest request;
    request.set_name(name);
    return request;
  }
  // The client references of the households found.
  std::vector<std::string> Found(const pb::FindHouseholdsRequest& request) {
    const auto found = Search(request);
    EXPECT_THAT(found, IsOk());
    std::vector<std::string> references;
    if (!found.ok()) return references;
    for (const auto& household : found->households()) {
      references.push_back(household.client_reference());
    }
    return references;
  }
  std::vector<std::string> Found(const std::string& name) { return Found(Named(name)); }

  void TakeRegister() {
    Take({Person("D1", "L1", "LE GOFF", "Éloïse", "14/05/1940"),
          Person("D1", "L1", "Martin", "Jean-Pierre", "14/05/1938"),
          Person("D2", "L2", "Martineau", "Jeanne", "14/05/1940"),
          Person("D3", "L3", "D'Arc-Œuvre", "Zoé", "14/05/1940"),
          Person("D4", "L4", "Nguyễn", "Bà", "14/05/1940"), Vacant("D5")});
  }
};

TEST_F(SearchTest, FindsByAnyWordsInAnyOrderFromTheirBeginning) {
  TakeRegister();
  EXPECT_THAT(Found("Martin"), UnorderedElementsAre("L1", "L2"));
  EXPECT_THAT(Found("martin jean"), UnorderedElementsAre("L1", "L2"));
  EXPECT_THAT(Found("jean martin pierre"), ElementsAre("L1"));
  EXPECT_THAT(Found("JEANNE"), ElementsAre("L2"));
  EXPECT_THAT(Found("tin"), IsEmpty());
  // The words are of one person: Éloïse is not called Martin.
  EXPECT_THAT(Found("Éloïse Martin"), IsEmpty());
}

TEST_F(SearchTest, IgnoresCaseAccentsHyphensAndLigatures) {
  TakeRegister();
  for (const char* typed : {"éloïse le goff", "ELOISE LE GOFF", "Le-Goff, Eloïse", "goff le"}) {
    EXPECT_THAT(Found(typed), ElementsAre("L1")) << typed;
  }
  EXPECT_THAT(Found("d arc oeuvre"), ElementsAre("L3"));
  EXPECT_THAT(Found("D’ARC"), ElementsAre("L3"));
  EXPECT_THAT(Found("nguyen ba"), ElementsAre("L4"));
  EXPECT_THAT(Found("Nguyễn"), ElementsAre("L4"));
}

TEST_F(SearchTest, AShortWordStandsForItself) {
  TakeRegister();
  EXPECT_THAT(Found("Ba"), ElementsAre("L4"));
  EXPECT_THAT(Found("le"), ElementsAre("L1"));
  EXPECT_THAT(Found("Ma"), IsEmpty());
  EXPECT_THAT(Found("Mar"), UnorderedElementsAre("L1", "L2"));
}

TEST_F(SearchTest, FindsWhatACoordinatorCorrected) {
  TakeRegister();
  pb::UpdateHouseholdRequest update;
  update.set_request_id(NewId());
  *update.mutable_household() = Find("L2");
  update.mutable_household()->mutable_tenants(0)->set_family_name("Rousseau");
  update.mutable_update_mask()->add_paths("tenants");
  ASSERT_THAT(Call(&Stub::UpdateHousehold, update, Coordinator()), IsOk());
  EXPECT_THAT(Found("rousseau"), ElementsAre("L2"));
  EXPECT_THAT(Found("martineau"), IsEmpty());
}

TEST_F(SearchTest, WhoLeftIsFoundOnRequest) {
  TakeRegister();
  Take({Person("D1", "L1", "Martin", "Jean-Pierre", "14/05/1938"), Vacant("D5")},
       /*complete=*/true);
  EXPECT_THAT(Found("martin"), ElementsAre("L1"));
  auto request = Named("martin");
  request.set_include_left(true);
  EXPECT_THAT(Found(request), UnorderedElementsAre("L1", "L2"));
  ASSERT_EQ(Find("L2").tenants_size(), 1);
  EXPECT_EQ(Find("L2").tenants(0).given_name(), "Jeanne");
  // A person who is gone from a household that stays is not found.
  EXPECT_THAT(Found("goff"), IsEmpty());
  request.set_name("goff");
  EXPECT_THAT(Found(request), IsEmpty());
}

TEST_F(SearchTest, ComesInPagesByHousehold) {
  std::vector<pb::RegisterRow> rows;
  for (int i = 0; i < 25; ++i) {
    const std::string number = std::to_string(i);
    rows.push_back(Person("D" + number, "L" + number, "Martin", "Jeanne", "14/05/1940"));
    rows.push_back(Person("D" + number, "L" + number, "Martin", "Paul", "14/05/1938"));
  }
  Take(rows);
  auto request = Named("martin");
  request.set_page_size(10);
  std::vector<std::string> ids;
  std::vector<int> sizes;
  while (true) {
    const auto page = Search(request);
    ASSERT_THAT(page, IsOk());
    sizes.push_back(page->households_size());
    for (const auto& household : page->households()) ids.push_back(household.household_id());
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST_F(SearchTest, EachHouseholdFoundLeavesAnAuditEventWithoutTheName) {
  TakeRegister();
  Found("martin");
  Found("nobody");
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events WHERE method = 'FindHouseholds'"), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_events AS a WHERE a::text ILIKE '%martin%'"), 0);
}

TEST_F(SearchTest, AnotherLandlordFindsNothing) {
  TakeRegister();
  ASSERT_THAT(Found("martin"), UnorderedElementsAre("L1", "L2"));
  landlord_ = CreateLandlord("Autre");
  EXPECT_THAT(Found("martin"), IsEmpty());
}

TEST_F(SearchTest, BadRequestsAreToldWithAllTheirFaults) {
  auto request = Named("");
  request.set_page_size(1001);
  request.set_page_token("x");
  EXPECT_THAT(BadFields(Search(request).status()), ElementsAre("page_size", "page_token", "name"));
  EXPECT_THAT(BadFields(Search(Named(" -' ")).status()), ElementsAre("name"));
  EXPECT_THAT(BadFields(Search(Named("a b c d e f g h i")).status()), ElementsAre("name"));
  EXPECT_THAT(Search(Named("a b c d e f g h")), IsOk());
  EXPECT_THAT(BadFields(Search(Named(std::string(201, 'a'))).status()), ElementsAre("name"));
  EXPECT_THAT(Search(Named(std::string(200, 'a'))), IsOk());
  // Signs that mean something in a query of words are none of its business.
  EXPECT_THAT(Search(Named("'martin' & ! ( | :* \\")), IsOk());
}

TEST_F(SearchTest, OnlyCoordinatorsAndDataProtectionOfficersMay) {
  for (const char* role : {"volunteer", "service"}) {
    EXPECT_THAT(Call(&Stub::FindHouseholds, Named("martin"), {role, "call-tracking", landlord_}),
                ReasonIs(errors_pb::ERROR_REASON_ACCESS_DENIED));
  }
  EXPECT_THAT(Call(&Stub::FindHouseholds, Named("martin"), {"dpo", "dominique", landlord_}),
              IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
