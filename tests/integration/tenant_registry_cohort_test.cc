#include <gmock/gmock.h>

#include <map>
#include <set>

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

constexpr char kPhone[] = "05 36 49 12 34";

class CohortTest : public RegistryTest {
 protected:
  static pb::CohortRule Rule(int minimum_age = 70) {
    pb::CohortRule rule;
    rule.set_minimum_age(minimum_age);
    *rule.mutable_reference_date() = Day(2020, 3, 17);
    return rule;
  }
  void Take(const std::vector<pb::RegisterRow>& rows) {
    ASSERT_THAT(Import(stub(), Coordinator(), ImportStream::Header(), rows).status, IsOk());
  }

  struct Selected {
    absl::Status status;
    std::vector<pb::SelectCohortResponse> pages;
    std::map<std::string, pb::CohortEntry> entries;     // by household
    std::map<std::string, pb::LeftOutReason> left_out;  // by household
    pb::CohortCounts counts;
  };
  Selected Select(const pb::SelectCohortRequest& request, const Identity& identity) {
    Selected selected;
    grpc::ClientContext context;
    Identify(context, identity);
    const auto stream = stub().SelectCohort(&context, request);
    pb::SelectCohortResponse page;
    while (stream->Read(&page)) {
      for (const auto& entry : page.entries()) selected.entries[entry.household_id()] = entry;
      for (const auto& one : page.left_out()) selected.left_out[one.household_id()] = one.reason();
      if (page.has_counts()) selected.counts = page.counts();
      selected.pages.push_back(page);
    }
    selected.status = rpc::FromGrpc(stream->Finish());
    return selected;
  }
  Selected Select(const pb::CohortRule& rule, bool include_left_out = true) {
    pb::SelectCohortRequest request;
    *request.mutable_rule() = rule;
    request.set_include_left_out(include_left_out);
    return Select(request, Calls());
  }
  absl::StatusOr<pb::ListLeftOutResponse> LeftOut(std::vector<pb::LeftOutReason> reasons,
                                                  int page_size = 0,
                                                  const std::string& token = "") {
    pb::ListLeftOutRequest request;
    *request.mutable_rule() = Rule();
    for (const auto reason : reasons) request.add_reasons(reason);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(&Stub::ListLeftOut, request, Coordinator());
  }
};

TEST_F(CohortTest, EachHouseholdIsSelectedOrHasOneReason) {
  auto objects = Person("D3", "L3", "Petit", "Anne", "14/05/1940", "12");
  objects.set_objection(true);
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone),
        Person("D1", "L1", "Martin", "Paul", "14/05/1938", "0639980102 / 0536491234"),
        Person("D1", "L1", "Martin", "Lou", "14/05/2000"),
        Person("D2", "L2", "Durand", "Ève", "14/05/1990", kPhone), objects,
        Person("D4", "L4", "Roux", "Léa", "14/05/1940", "inconnu"),
        Person("D5", "L5", "Sans", "Date", "", kPhone), Vacant("D6")});
  const Selected selected = Select(Rule());
  ASSERT_THAT(selected.status, IsOk());
  EXPECT_EQ(selected.counts.selected(), 1);
  EXPECT_EQ(selected.counts.under_age(), 2);
  EXPECT_EQ(selected.counts.objection(), 1);
  EXPECT_EQ(selected.counts.no_valid_phone(), 1);
  const pb::Household martin = Find("L1");
  ASSERT_EQ(selected.entries.count(martin.household_id()), 1u);
  const pb::CohortEntry& entry = selected.entries.at(martin.household_id());
  EXPECT_THAT(entry.subject_ids(),
              ElementsAre(martin.tenants(0).tenant_id(), martin.tenants(1).tenant_id()));
  EXPECT_THAT(entry.phone_hashes(),
              ElementsAre(martin.phones(0).phone_hash(), martin.phones(1).phone_hash()));
  EXPECT_EQ(entry.commune_code(), "31555");
  EXPECT_EQ(entry.time_zone(), "Europe/Paris");
  EXPECT_EQ(entry.version(), martin.version());
  EXPECT_EQ(selected.left_out.at(Find("L2").household_id()), pb::LEFT_OUT_REASON_UNDER_AGE);
  EXPECT_EQ(selected.left_out.at(Find("L3").household_id()), pb::LEFT_OUT_REASON_OBJECTION);
  EXPECT_EQ(selected.left_out.at(Find("L4").household_id()), pb::LEFT_OUT_REASON_NO_VALID_PHONE);
  EXPECT_EQ(selected.left_out.at(Find("L5").household_id()), pb::LEFT_OUT_REASON_UNDER_AGE);
  EXPECT_THAT(Select(Rule(), false).left_out, IsEmpty());
}

TEST_F(CohortTest, AgesAreCountedOnTheReferenceDate) {
  Take({Person("D1", "L1", "A", "Today", "17/03/1950", kPhone),
        Person("D2", "L2", "B", "Tomorrow", "18/03/1950", kPhone),
        Person("D3", "L3", "C", "Leap", "29/02/1952", kPhone)});
  EXPECT_THAT(Select(Rule()).entries, SizeIs(1));
  pb::CohortRule rule = Rule();
  *rule.mutable_reference_date() = Day(2022, 2, 28);
  EXPECT_THAT(Select(rule).entries, SizeIs(2));  // the leap child is 70 on 1 March
  *rule.mutable_reference_date() = Day(2022, 3, 1);
  EXPECT_THAT(Select(rule).entries, SizeIs(3));
}

TEST_F(CohortTest, ASubjectWhoObjectsIsNotCalledAndTheOtherIs) {
  auto objects = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone);
  objects.set_objection(true);
  Take({objects, Person("D1", "L1", "Martin", "Paul", "14/05/1938")});
  const Selected selected = Select(Rule());
  ASSERT_THAT(selected.entries, SizeIs(1));
  EXPECT_THAT(selected.entries.begin()->second.subject_ids(),
              ElementsAre(Find("L1").tenants(1).tenant_id()));
}

TEST_F(CohortTest, CommunesAndBuildingsNarrowTheCohort) {
  auto elsewhere = Person("D2", "L2", "Durand", "Ève", "14/05/1940", kPhone);
  elsewhere.set_commune_code("75101");
  elsewhere.set_residence("La Garenne");
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone), elsewhere});
  pb::CohortRule rule = Rule();
  rule.add_commune_codes("75102");  // of the same city
  EXPECT_EQ(Select(rule).counts.selected(), 1);
  EXPECT_EQ(Select(rule).entries.count(Find("L2").household_id()), 1u);
  rule = Rule();
  rule.add_buildings("Les Lilas");
  EXPECT_EQ(Select(rule).entries.count(Find("L1").household_id()), 1u);
  EXPECT_THAT(Select(rule).left_out, IsEmpty());
}

TEST_F(CohortTest, AStreamComesInPagesAndGoesOnWhereItWasCut) {
  std::vector<pb::RegisterRow> rows;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    rows.push_back(Person("D" + n, "L" + n, "Martin", "Jeanne",
                          i % 2 == 0 ? "14/05/1940" : "14/05/1990", kPhone));
  }
  Take(rows);
  const Selected whole = Select(Rule(), false);
  EXPECT_THAT(whole.pages, SizeIs(3));  // two full ones, and the end
  EXPECT_THAT(whole.entries, SizeIs(500));
  EXPECT_EQ(whole.counts.under_age(), 500);
  for (const auto& page : whole.pages) EXPECT_LE(page.entries_size(), 500);
  EXPECT_FALSE(whole.pages[0].has_counts());

  pb::SelectCohortRequest request;
  *request.mutable_rule() = Rule();
  request.set_after_household_id(whole.pages[0].after_household_id());
  const Selected rest = Select(request, Calls());
  EXPECT_EQ(rest.counts.selected() + whole.pages[0].entries_size(), 500);

  pb::PreviewCohortRequest preview;
  *preview.mutable_rule() = Rule();
  const auto counts = Call(&Stub::PreviewCohort, preview, Coordinator());
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->counts().SerializeAsString(), whole.counts.SerializeAsString());
  int64_t selected = 0;
  for (const auto& commune : counts->communes()) {
    EXPECT_NE(commune.commune_name(), "");
    selected += commune.selected();
  }
  EXPECT_EQ(selected, whole.counts.selected());
}

TEST_F(CohortTest, WhoIsLeftOutIsListedPageByPage) {
  auto objects = Person("D1", "L1", "Petit", "Anne", "14/05/1940", kPhone);
  objects.set_objection(true);
  auto young_refused = Person("D7", "L7", "", "", "14/05/1990");
  Take({objects, Person("D2", "L2", "Roux", "Léa", "14/05/1940"),
        Person("D3", "L3", "Roux", "Luc", "14/05/1941", "12"),
        Person("D4", "L4", "Durand", "Ève", "14/05/1990"),
        Person("D5", "L5", "Faure", "Guy", "31/02/1940"), young_refused,
        Person("", "L8", "Blanc", "Rose", "14/05/1930")});
  const auto all = LeftOut({});
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->entries_size(), 5);
  EXPECT_EQ(all->entries(0).reason(), pb::LEFT_OUT_REASON_OBJECTION);
  EXPECT_THAT(all->entries(0).names(), ElementsAre("Anne Petit"));
  EXPECT_THAT(all->entries(0).address_lines(),
              ElementsAre("Les Lilas", "12 rue des Lilas", "31000 Toulouse"));
  EXPECT_EQ(all->entries(1).reason(), pb::LEFT_OUT_REASON_NO_VALID_PHONE);
  EXPECT_EQ(all->entries(3).reason(), pb::LEFT_OUT_REASON_REFUSED_ROW);
  EXPECT_EQ(all->entries(3).refusal(), "birth date does not exist");
  EXPECT_EQ(all->entries(3).line_number(), 6);
  EXPECT_THAT(all->entries(3).names(), ElementsAre("Guy Faure"));
  EXPECT_EQ(all->entries(4).refusal(), "dwelling number is missing");

  std::string token;
  std::vector<std::string> paged;
  do {
    const auto page = LeftOut({}, 2, token);
    ASSERT_THAT(page, IsOk());
    for (const auto& entry : page->entries()) paged.push_back(entry.client_reference());
    token = page->next_page_token();
  } while (!token.empty());
  ASSERT_THAT(paged, SizeIs(5));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(paged[i], all->entries(i).client_reference());

  const auto young = LeftOut({pb::LEFT_OUT_REASON_UNDER_AGE});
  ASSERT_THAT(young, IsOk());
  ASSERT_EQ(young->entries_size(), 1);
  EXPECT_THAT(young->entries(0).names(), ElementsAre("Ève Durand"));
  EXPECT_EQ(
      Count("SELECT count(*) FROM audit_events WHERE method = 'ListLeftOut' AND object_id = '" +
            young->entries(0).household_id() + "'"),
      1);
}

// Dropping an old person in silence is the worst outcome.
TEST_F(CohortTest, ARefusedRowThatMayConcernSomebodyOldIsListed) {
  auto nowhere = Person("D5", "L5", "Lieu", "Inconnu", "14/05/1940", kPhone);
  nowhere.set_commune_code("99999");
  nowhere.set_postal_code("00000");
  auto young_nowhere = nowhere;
  young_nowhere.set_client_reference("L6");
  young_nowhere.set_birth_date("14/05/1990");
  Take({Person("D1", "L1", "Date", "Impossible", "31/02/1940", kPhone),
        Person("D2", "L2", "Date", "Illisible", "vers 1940", kPhone),
        Person("D3", "L3", "Date", "Future", "14/05/2040", kPhone),
        Person("D4", "L4", "", "", "14/05/1940", kPhone), nowhere, young_nowhere,
        Person("D7", "L7", "Martin", "Jeanne", "14/05/1940", kPhone)});
  EXPECT_EQ(Select(Rule()).counts.selected(), 1);
  const auto listed = LeftOut({pb::LEFT_OUT_REASON_REFUSED_ROW});
  ASSERT_THAT(listed, IsOk());
  std::vector<std::string> refusals;
  for (const auto& entry : listed->entries()) {
    refusals.push_back(entry.client_reference() + " " + entry.refusal());
  }
  EXPECT_THAT(refusals, ElementsAre("L1 birth date does not exist", "L2 birth date cannot be read",
                                    "L3 birth date in the future", "L4 name is missing",
                                    "L5 commune is unknown"));
}

TEST_F(CohortTest, TwoHouseholdsWithOnePhoneAreBothSelected) {
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone),
        Person("D2", "L2", "Durand", "Ève", "14/05/1940", "+33 5 36 49 12 34")});
  const Selected selected = Select(Rule());
  ASSERT_THAT(selected.entries, SizeIs(2));
  const auto& one = selected.entries.at(Find("L1").household_id());
  const auto& other = selected.entries.at(Find("L2").household_id());
  ASSERT_EQ(one.phone_hashes_size(), 1);
  EXPECT_EQ(one.phone_hashes(0), other.phone_hashes(0));
}

TEST_F(CohortTest, ThePersonOfTwoRowsIsOneSubject) {
  auto again = Person("D1", "L1", "MARTIN", "JEANNE", "14/05/1940", "0639980102");
  again.set_relation("Co-titulaire");
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone), again});
  const Selected selected = Select(Rule());
  ASSERT_THAT(selected.entries, SizeIs(1));
  EXPECT_EQ(selected.entries.begin()->second.subject_ids_size(), 1);
}

TEST_F(CohortTest, HouseholdsThatLeftAreNeitherSelectedNorLeftOut) {
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone),
        Person("D2", "L2", "Durand", "Ève", "14/05/1940", kPhone)});
  pb::ImportHeader complete = ImportStream::Header("next");
  complete.set_complete(true);
  ASSERT_THAT(Import(stub(), Coordinator(), complete,
                     {Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone)})
                  .status,
              IsOk());
  const Selected selected = Select(Rule());
  EXPECT_THAT(selected.entries, SizeIs(1));
  EXPECT_THAT(selected.left_out, IsEmpty());
}

TEST_F(CohortTest, AnotherLandlordSeesNothing) {
  Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", kPhone)});
  EXPECT_EQ(Select(Rule()).counts.selected(), 1);
  landlord_ = CreateLandlord("Autre");
  const Selected selected = Select(Rule());
  ASSERT_THAT(selected.status, IsOk());
  EXPECT_EQ(selected.counts.selected(), 0);
  EXPECT_THAT(selected.pages, SizeIs(1));
}

TEST_F(CohortTest, BadRulesAreToldWithAllTheirFaults) {
  pb::CohortRule rule = Rule(-1);
  *rule.mutable_reference_date() = Day(2021, 2, 29);
  rule.add_commune_codes("31555");
  rule.add_commune_codes("99999");
  rule.add_buildings("");
  pb::SelectCohortRequest select;
  *select.mutable_rule() = rule;
  select.set_after_household_id("x");
  EXPECT_THAT(BadFields(Select(select, Calls()).status),
              ElementsAre("rule.minimum_age", "rule.reference_date", "rule.commune_codes[1]",
                          "rule.buildings[0]", "after_household_id"));
  pb::PreviewCohortRequest preview;
  EXPECT_THAT(BadFields(Call(&Stub::PreviewCohort, preview, Coordinator()).status()),
              ElementsAre("rule"));
  pb::ListLeftOutRequest list;
  list.set_page_size(-1);
  list.set_page_token("2.garbage");
  list.add_reasons(pb::LEFT_OUT_REASON_UNSPECIFIED);
  list.add_reasons(static_cast<pb::LeftOutReason>(17));
  EXPECT_THAT(BadFields(Call(&Stub::ListLeftOut, list, Coordinator()).status()),
              ElementsAre("rule", "reasons[0]", "reasons[1]", "page_size", "page_token"));
  rule = Rule(121);
  for (int i = 0; i < 1001; ++i) rule.add_commune_codes("31555");
  *preview.mutable_rule() = rule;
  EXPECT_THAT(BadFields(Call(&Stub::PreviewCohort, preview, Coordinator()).status()),
              ElementsAre("rule.minimum_age", "rule.commune_codes"));
  *preview.mutable_rule() = Rule();
  EXPECT_THAT(Call(&Stub::PreviewCohort, preview, Coordinator()), IsOk());
  EXPECT_THAT(LeftOut({}, 1000), IsOk());
}

TEST_F(CohortTest, OnlyCallTrackingDrawsACohort) {
  pb::SelectCohortRequest request;
  *request.mutable_rule() = Rule();
  EXPECT_THAT(Select(request, Coordinator()).status, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Select(request, {"service", "referral", landlord_}).status,
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Select(request, Calls()).status, IsOk());
}

}  // namespace
}  // namespace veille::tenant_registry
