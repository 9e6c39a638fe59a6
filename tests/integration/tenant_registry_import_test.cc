#include <gmock/gmock.h>

#include "integration/tenant_registry_fixture.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::tenant_registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::veille::testing::IsOk;
using ::veille::testing::WaitUntil;

class ImportTest : public RegistryTest {
 protected:
  Imported Take(const std::vector<pb::RegisterRow>& rows, bool complete = false,
                size_t rows_per_chunk = 2000) {
    pb::ImportHeader header = ImportStream::Header();
    header.set_complete(complete);
    return Import(stub(), Coordinator(), header, rows, rows_per_chunk);
  }
  static std::vector<pb::Verdict> Verdicts(const Imported& imported) {
    std::vector<pb::Verdict> verdicts;
    for (const auto& row : imported.verdicts) verdicts.push_back(row.verdict());
    return verdicts;
  }
  static std::vector<std::string> Reasons(const Imported& imported) {
    std::vector<std::string> reasons;
    for (const auto& row : imported.verdicts) reasons.push_back(row.reason());
    return reasons;
  }
};

TEST_F(ImportTest, TakesPersonsHouseholdsAndVacantDwellings) {
  const std::vector<pb::RegisterRow> rows = {
      Person("D1", "L1", "MARTIN", "Jeanne", "14/05/1940", "05 36 49 12 34"),
      Person("D1", "L1", "Martin", "Paul", "01/02/1938 00:00:00", "06 39 98 01 02"), Vacant("D2"),
      Person("D3", "", "Durand", "Ève", "", "")};
  const Imported imported = Take(rows);
  ASSERT_THAT(imported.status, IsOk());
  EXPECT_THAT(Verdicts(imported), ElementsAre(pb::VERDICT_TAKEN, pb::VERDICT_TAKEN,
                                              pb::VERDICT_TAKEN, pb::VERDICT_TAKEN));
  EXPECT_EQ(imported.verdicts[2].line_number(), 4);
  EXPECT_EQ(imported.totals.rows(), 4);
  EXPECT_EQ(imported.totals.taken(), 4);
  EXPECT_EQ(imported.totals.dwellings(), 3);
  EXPECT_EQ(imported.totals.households(), 2);
  EXPECT_EQ(imported.totals.tenants(), 3);

  const pb::Household household = Find("L1");
  EXPECT_EQ(household.dwelling().commune_name(), "Toulouse");
  EXPECT_EQ(household.dwelling().time_zone(), "Europe/Paris");
  ASSERT_EQ(household.tenants_size(), 2);
  EXPECT_EQ(household.tenants(0).given_name(), "Jeanne");
  EXPECT_EQ(household.tenants(1).birth_date().year(), 1938);
  ASSERT_EQ(household.phones_size(), 2);
  EXPECT_EQ(household.phones(0).e164(), "+33536491234");
  EXPECT_EQ(household.phones(0).phone_hash().size(), 32u);
  EXPECT_EQ(household.phones(1).e164(), "+33639980102");
  EXPECT_EQ(household.phones(1).verdict(), pb::PHONE_VERDICT_POSSIBLE);
}

TEST_F(ImportTest, RefusesRowsWithTheirSentences) {
  pb::RegisterRow nowhere = Person("D6", "L6", "Petit", "Anne", "14/05/1940");
  nowhere.set_commune_code("99999");
  nowhere.set_commune_name("?");
  pb::RegisterRow long_door = Person("D7", "L7", "Petit", "Anne", "14/05/1940");
  long_door.set_door(std::string(65, 'x'));
  pb::RegisterRow bell = Person("D8", "L8", "Pe\x07tit", "Anne", "14/05/1940");
  const Imported imported = Take(
      {Person("", "L1", "Petit", "Anne", "14/05/1940"), Person("D2", "L2", "", "", "14/05/1940"),
       Person("D3", "L3", "Petit", "Anne", "31/02/1948"),
       Person("D4", "L4", "Petit", "Anne", "vers 1948"),
       Person("D5", "L5", "Petit", "Anne", "18/03/2020"), nowhere, long_door, bell,
       Person("D9", "L9", "Petit", "Anne", "17/03/2020")});
  ASSERT_THAT(imported.status, IsOk());
  EXPECT_THAT(
      Reasons(imported),
      ElementsAre("dwelling number is missing", "name is missing", "birth date does not exist",
                  "birth date cannot be read", "birth date in the future", "commune is unknown",
                  "text is too long", "text is not allowed", ""));
  EXPECT_EQ(imported.totals.refused(), 8);
  EXPECT_EQ(imported.totals.taken(), 1);
  EXPECT_EQ(imported.totals.refused_by_reason_size(), 8);
  EXPECT_EQ(Count("SELECT count(*) FROM households"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM dwellings"), 1);
}

TEST_F(ImportTest, TheSameFileAgainIsUnchanged) {
  const std::vector<pb::RegisterRow> rows = {
      Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234"), Vacant("D2"),
      Person("D3", "L3", "Durand", "Ève", "01/01/1950", "0536495678")};
  ASSERT_THAT(Take(rows).status, IsOk());
  const std::string before = Find("L1").SerializeAsString();
  const Imported again = Take(rows);
  ASSERT_THAT(again.status, IsOk());
  EXPECT_EQ(again.totals.unchanged(), 3);
  EXPECT_EQ(again.totals.households(), 2);
  EXPECT_EQ(Find("L1").SerializeAsString(), before);
}

TEST_F(ImportTest, ExactlyTheChangedRowsChange) {
  std::vector<pb::RegisterRow> rows = {
      Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234"),
      Person("D3", "L3", "Durand", "Ève", "01/01/1950", "0536495678")};
  ASSERT_THAT(Take(rows).status, IsOk());
  rows[0].set_phones(0, "0536490000");
  const Imported again = Take(rows);
  EXPECT_THAT(Verdicts(again), ElementsAre(pb::VERDICT_CHANGED, pb::VERDICT_UNCHANGED));
  const pb::Household household = Find("L1");
  EXPECT_EQ(household.version(), 2);
  ASSERT_EQ(household.phones_size(), 1);
  EXPECT_EQ(household.phones(0).e164(), "+33536490000");
  // Call-tracking is told of the other phone.
  ASSERT_TRUE(WaitUntil([&] { return intake().taken().size() == 1; }));
  EXPECT_EQ(intake().taken()[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_PHONES);
  EXPECT_EQ(intake().taken()[0].phone_hashes(0), household.phones(0).phone_hash());
  EXPECT_EQ(intake().landlord(), landlord_);
}

TEST_F(ImportTest, ARepeatedRowIsTakenOnce) {
  const pb::RegisterRow row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  const pb::RegisterRow other_case = Person("D1", "L1", "MARTIN", "JEANNE", "14/05/1940");
  const Imported imported = Take({row, row, other_case}, false, 2);
  EXPECT_THAT(Verdicts(imported), ElementsAre(pb::VERDICT_TAKEN, pb::VERDICT_TAKEN_WITH_WARNING,
                                              pb::VERDICT_TAKEN_WITH_WARNING));
  EXPECT_EQ(imported.verdicts[2].reason(), "row repeated: taken once");
  EXPECT_EQ(imported.totals.tenants(), 1);
  EXPECT_EQ(Take({row, row}).totals.unchanged(), 2);
}

TEST_F(ImportTest, ACompleteFileMarksTheOthersAsLeftAndDeletesNone) {
  const auto martin = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  const auto durand = Person("D2", "L2", "Durand", "Ève", "01/01/1950");
  ASSERT_THAT(Take({martin, durand}).status, IsOk());
  ASSERT_THAT(Take({martin}).status, IsOk());
  EXPECT_EQ(Find("L2").state(), pb::RESIDENCY_STATE_PRESENT);  // that file was not complete

  const Imported complete = Take({martin}, /*complete=*/true);
  ASSERT_THAT(complete.status, IsOk());
  EXPECT_EQ(complete.totals.households_left(), 1);
  EXPECT_EQ(Find("L2").state(), pb::RESIDENCY_STATE_LEFT);
  EXPECT_EQ(Find("L2").version(), 2);
  EXPECT_EQ(Find("L1").state(), pb::RESIDENCY_STATE_PRESENT);
  ASSERT_TRUE(WaitUntil([&] { return intake().taken().size() == 1; }));
  EXPECT_EQ(intake().taken()[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_LEFT);

  const Imported back = Take({martin, durand}, /*complete=*/true);
  EXPECT_THAT(Verdicts(back), ElementsAre(pb::VERDICT_UNCHANGED, pb::VERDICT_CHANGED));
  EXPECT_EQ(Find("L2").state(), pb::RESIDENCY_STATE_PRESENT);
}

TEST_F(ImportTest, AHouseholdThatOnlyARefusedRowNamesHasNotLeft) {
  ASSERT_THAT(Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940"),
                    Person("D2", "L2", "Durand", "Ève", "01/01/1950")})
                  .status,
              IsOk());
  const Imported complete = Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940"),
                                  Person("D2", "L2", "Durand", "Ève", "31/02/1950")},
                                 /*complete=*/true);
  ASSERT_THAT(complete.status, IsOk());
  EXPECT_EQ(complete.totals.households_left(), 0);
  EXPECT_EQ(Find("L2").tenants_size(), 1);
}

TEST_F(ImportTest, APersonWhomACompleteFileDoesNotNameIsNotPresent) {
  const auto jeanne = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  ASSERT_THAT(Take({jeanne, Person("D1", "L1", "Martin", "Paul", "14/05/1938")}).status, IsOk());
  ASSERT_THAT(Take({jeanne}, /*complete=*/true).status, IsOk());
  ASSERT_EQ(Find("L1").tenants_size(), 1);
  EXPECT_EQ(Find("L1").tenants(0).given_name(), "Jeanne");
  EXPECT_EQ(Count("SELECT count(*) FROM tenants"), 2);
}

TEST_F(ImportTest, AnObjectionSurvivesEveryImport) {
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  row.set_objection(true);
  ASSERT_THAT(Take({row}).status, IsOk());
  row.set_objection(false);
  row.set_door("12");
  ASSERT_THAT(Take({row}).status, IsOk());
  EXPECT_TRUE(Find("L1").tenants(0).objection());
  // A corrected birth date makes another row key, but not another person.
  row.set_birth_date("15/05/1940");
  ASSERT_THAT(Take({row}, /*complete=*/true).status, IsOk());
  ASSERT_EQ(Find("L1").tenants_size(), 1);
  EXPECT_TRUE(Find("L1").tenants(0).objection());
}

TEST_F(ImportTest, AnObjectionInAFileIsToldToCallTracking) {
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  ASSERT_THAT(Take({row}).status, IsOk());
  row.set_objection(true);
  ASSERT_THAT(Take({row}).status, IsOk());
  ASSERT_TRUE(WaitUntil([&] { return intake().taken().size() == 1; }));
  EXPECT_EQ(intake().taken()[0].kind(), calls::v1::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_EQ(intake().taken()[0].tenant_ids(0), Find("L1").tenants(0).tenant_id());
  EXPECT_EQ(intake().taken()[0].version(), Find("L1").version());
}

TEST_F(ImportTest, ARowThatMovesTakesItsPersonAlong) {
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234");
  row.set_row_key("person 7");
  row.set_objection(true);
  ASSERT_THAT(Take({row}).status, IsOk());
  const std::string tenant = Find("L1").tenants(0).tenant_id();
  row.set_dwelling_number("D2");
  row.set_client_reference("L2");
  row.set_objection(false);
  ASSERT_THAT(Take({row}).status, IsOk());
  EXPECT_EQ(Find("L1").tenants_size(), 0);
  EXPECT_EQ(Find("L1").phones_size(), 0);
  ASSERT_EQ(Find("L2").tenants_size(), 1);
  EXPECT_EQ(Find("L2").tenants(0).tenant_id(), tenant);
  EXPECT_TRUE(Find("L2").tenants(0).objection());
}

TEST_F(ImportTest, WarnsOfWhatCannotBeUsed) {
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "12");
  row.set_move_in_date("jadis");
  auto contact = Person("D2", "L2", "Durand", "Ève", "14/05/1940");
  contact.set_key_contact_name("Sa fille");
  contact.set_key_contact_phone("12");
  const Imported imported = Take({row, contact});
  EXPECT_THAT(Reasons(imported),
              ElementsAre("move-in date cannot be read", "phone cannot be read"));
  EXPECT_EQ(imported.totals.warned(), 2);
  // A phone that cannot be read is kept as it stood.
  EXPECT_EQ(Find("L1").phones(0).verdict(), pb::PHONE_VERDICT_INVALID);
  EXPECT_EQ(Find("L1").phones(0).original(), "12");
  EXPECT_EQ(Find("L2").key_contacts(0).name(), "Sa fille");
}

TEST_F(ImportTest, FindsTheCommuneByPostalCodeAndName) {
  auto row = Person("D1", "L1", "Martin", "Jeanne", "14/05/1940");
  row.set_commune_code("");
  row.set_postal_code("31290");
  row.set_commune_name("VILLEFRANCHE DE LAURAGAIS");
  auto district = Person("D2", "L2", "Durand", "Ève", "14/05/1940", "0692 12 34 56");
  district.set_commune_code("69383");
  auto island = Person("D3", "L3", "Payet", "Marie", "14/05/1940", "0262 12 34 56");
  island.set_commune_code("97411");
  ASSERT_THAT(Take({row, district, island}).status, IsOk());
  EXPECT_EQ(Find("L1").dwelling().commune_code(), "31582");
  EXPECT_EQ(Find("L2").dwelling().commune_code(), "69123");
  EXPECT_EQ(Find("L2").phones(0).e164(), "+262692123456");
  EXPECT_EQ(Find("L3").dwelling().time_zone(), "Indian/Reunion");
  EXPECT_EQ(Find("L3").phones(0).e164(), "+262262123456");
}

TEST_F(ImportTest, ADryRunJudgesAndStoresNothing) {
  const std::vector<pb::RegisterRow> rows = {Person("D1", "L1", "Martin", "Jeanne", "14/05/1940"),
                                             Vacant("D2"),
                                             Person("D1", "L1", "Martin", "Jeanne", "14/05/1940"),
                                             Person("D3", "L3", "Durand", "Ève", "31/02/1950")};
  pb::ImportHeader header = ImportStream::Header();
  header.set_dry_run(true);
  header.set_complete(true);
  const Imported dry = Import(stub(), Coordinator(), header, rows, 2);
  ASSERT_THAT(dry.status, IsOk());
  EXPECT_EQ(Count("SELECT (SELECT count(*) FROM dwellings) + (SELECT count(*) FROM register_rows)"
                  " + (SELECT count(*) FROM imports) + (SELECT count(*) FROM refused_rows)"),
            0);
  const Imported wet = Take(rows, /*complete=*/true, 2);
  EXPECT_EQ(dry.totals.SerializeAsString(), wet.totals.SerializeAsString());
  EXPECT_EQ(Verdicts(dry), Verdicts(wet));

  ASSERT_THAT(Take({Person("D9", "L9", "Petit", "Anne", "14/05/1940")}).status, IsOk());
  header.set_request_id(NewId());
  const Imported second = Import(stub(), Coordinator(), header, rows, 2);
  EXPECT_EQ(second.totals.unchanged(), 3);
  EXPECT_EQ(second.totals.households_left(), 1);
  EXPECT_EQ(Find("L9").state(), pb::RESIDENCY_STATE_PRESENT);
}

TEST_F(ImportTest, LandlordsHaveTheirOwnRegisters) {
  ASSERT_THAT(Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234")}).status,
              IsOk());
  const std::string hash = Find("L1").phones(0).phone_hash();
  landlord_ = CreateLandlord("Autre");
  const Imported other =
      Take({Person("D1", "L1", "Martin", "Jeanne", "14/05/1940", "0536491234")}, true);
  EXPECT_EQ(other.totals.taken(), 1);
  EXPECT_EQ(other.totals.households_left(), 0);
  EXPECT_NE(Find("L1").phones(0).phone_hash(), hash);
}

}  // namespace
}  // namespace veille::tenant_registry
